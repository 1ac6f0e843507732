//! The joint rule (J-1), pure.
