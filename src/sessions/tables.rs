//! Mixed tables (J-10), pure.
