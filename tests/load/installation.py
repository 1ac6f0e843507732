"""An installation to measure: an empty one in a temporary folder (SQLite) or an empty PostgreSQL database, filled by SQL and
served on 127.0.0.1. What it makes is gone at the end, but for what is in the database of the URL."""
import contextlib, http.client, json, os, pathlib, signal, socket, sqlite3, subprocess, sys, tempfile, time, uuid
from datetime import datetime


def fill_sqlite(path, rows):
    """Writes tables of rows (table, dictionaries) as the program's driver writes them; what a row must have and lacks is empty."""
    def value(v):
        if isinstance(v, uuid.UUID):
            return v.bytes
        if isinstance(v, datetime):
            # As the program's driver writes them: times are compared as text.
            return v.isoformat() if v.tzinfo else v.isoformat(sep=" ")
        return v
    db = sqlite3.connect(path)
    for table, all in rows:
        known = {row[1]: row for row in db.execute(f"PRAGMA table_info({table})")}
        for row in all:
            row = {name: value(v) for name, v in row.items() if name in known}
            for name, (_, _, kind, required, default, _) in known.items():
                if required and default is None and name not in row:
                    row[name] = 0 if "int" in kind.lower() or "bool" in kind.lower() else "[]" if "json" in kind.lower() else ""
            db.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", list(row.values()))
    db.execute("ANALYZE")
    db.commit()
    return db


def fill_postgres(url, rows):
    """The same by psql."""
    def value(v):
        if v is None:
            return "NULL"
        if isinstance(v, (bool, int)):
            return str(v)
        return "'" + str(v).replace("'", "''") + "'"
    script = ["\\set ON_ERROR_STOP on", "BEGIN;"]
    for table, all in rows:
        known = set(psql(url, f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'").split())
        required = psql(url, "SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE is_nullable = 'NO' "
                             f"AND column_default IS NULL AND table_name = '{table}'").splitlines()
        for row in all:
            row = {name: v for name, v in row.items() if name in known}
            for line in required:
                name, kind = line.split(" ", 1)
                if name not in row:
                    row[name] = False if kind == "boolean" else 0 if "int" in kind else "[]" if "json" in kind else ""
            script.append(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join(map(value, row.values()))});")
    subprocess.run(["psql", "-q", url], input="\n".join(script + ["COMMIT;", "ANALYZE;"]), text=True, check=True, stdout=subprocess.DEVNULL)


def psql(url, sql):
    return subprocess.run(["psql", "-qAt", url, "-c", sql], capture_output=True, text=True, check=True).stdout


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def installed(program, url, rows):
    """Yields what starts a server on these rows (a context with its port), the database (a connection for SQLite, the URL for
    PostgreSQL) and the folder of data."""
    with tempfile.TemporaryDirectory(prefix="commonground-load.") as folder:
        env = {"COMMONGROUND_DATA": folder, "COMMONGROUND_LOG": "warn", "PATH": os.environ["PATH"]}
        if url:
            env["COMMONGROUND_DATABASE_URL"] = url
        program = pathlib.Path(program).resolve()
        subprocess.run([program, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
        db = fill_postgres(url, rows) if url else fill_sqlite(f"{folder}/commonground.sqlite", rows)
        yield lambda: running(program, env), db or url, folder


@contextlib.contextmanager
def running(program, env):
    """Yields the port of a server that is ready."""
    port = free_port()
    server = subprocess.Popen([program, "serve", "--listen", f"127.0.0.1:{port}"], env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port)
                connection.request("GET", "/readyz")
                if b'"ready"' in connection.getresponse().read():
                    break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


@contextlib.contextmanager
def served(program, url, rows):
    """Yields the port of a server on these rows, the database and the folder, as `installed`."""
    with installed(program, url, rows) as (start, db, folder), start() as port:
        yield port, db, folder
