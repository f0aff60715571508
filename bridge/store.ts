import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import {
  Kysely,
  type Migration,
  type MigrationProvider,
  Migrator,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
  type Transaction,
} from "kysely";
import { Fault } from "../contracts/fault.ts";
import { connectPostgres, isConflict, isLost, isPostgres } from "./postgres.ts";

/** By name, `0001-what-it-does` first; a released one is never changed, only followed. */
export type Migrations = Readonly<Record<string, Migration>>;

export type StoreOptions = {
  /** A file, or the postgres:// address of a database that is this store's alone (a secret: it holds the password). */
  path: string;
  migrations: Migrations;
  /** 32 bytes; the whole file, its log included, is encrypted with it. PostgreSQL's disks are encrypted below it. */
  key?: Uint8Array;
};

function openDatabase({ path, key }: StoreOptions): InstanceType<typeof Database> {
  const database = new Database(path);
  if (key !== undefined) {
    // ChaCha20-Poly1305: authenticated, and fast on boards without AES instructions.
    database.pragma("cipher = 'chacha20'");
    database.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`);
  }
  try {
    // A committed row is on the disk, also after a pulled plug.
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    database.pragma("busy_timeout = 5000");
    // Copying the log back costs two more syncs: after 16 MiB of it, not after every 40th scorecard.
    database.pragma("wal_autocheckpoint = 4096");
    // What is sorted or gathered on the way must not reach a disk unencrypted.
    database.pragma("temp_store = MEMORY");
  } catch (error) {
    database.close();
    throw new Fault(
      "key.missing",
      `${path} does not open with the key at hand: put the key it was made with into the key folder`,
      {
        cause: error,
      },
    );
  }
  return database;
}

/** Statements kept compiled; the few hundred texts that this program has all fit. */
const mostStatements = 1000;

/** Kysely hands over the same texts again and again: each is compiled once. */
function rememberStatements(database: InstanceType<typeof Database>): SqliteDatabase {
  const known = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (text) => {
      const found = known.get(text);
      if (found !== undefined) return found;
      if (known.size >= mostStatements) known.clear();
      const statement = database.prepare(text) as unknown as SqliteStatement;
      known.set(text, statement);
      return statement;
    },
  };
}

/** Migrations the store has seen and this program does not know: it was written by a newer one. */
async function unknownMigrations(store: Kysely<unknown>, migrations: Migrations): Promise<string[]> {
  const tables = await store.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) return [];
  const seen = await sql<{ name: string }>`select name from kysely_migration`.execute(store);
  return seen.rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name));
}

async function connectFile<Tables>(options: StoreOptions): Promise<Kysely<Tables>> {
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: rememberStatements(openDatabase(options)) }) });
}

async function bringUpToDate(store: Kysely<unknown>, { path, migrations }: StoreOptions): Promise<void> {
  const newer = await unknownMigrations(store, migrations);
  if (newer.length > 0) {
    const named = isPostgres(path) ? "the PostgreSQL store" : path;
    throw new Fault(
      "storage.newer",
      `${named} was written by a newer release (${newer.join(", ")}): install that release`,
    );
  }
  const provider: MigrationProvider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: store, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

/**
 * Opens (or makes) a store and brings it up to date. A file: SQLite, write-ahead log, synchronous=FULL, one connection.
 * @throws Fault storage.newer when a newer release wrote it, key.missing when the key or password does not open it
 */
export async function openStore<Tables>(options: StoreOptions): Promise<Kysely<Tables>> {
  const store = isPostgres(options.path)
    ? await connectPostgres<Tables>(options.path)
    : await connectFile<Tables>(options);
  try {
    await bringUpToDate(store as unknown as Kysely<unknown>, options);
  } catch (error) {
    await store.destroy();
    throw error;
  }
  return store;
}

/** Runs `work` in a transaction; what it hands back is on the disk when this resolves. */
export type Write<Tables> = <Result>(work: (within: Transaction<Tables>) => Promise<Result>) => Promise<Result>;

type WaitingWrite<Tables> = {
  work: (within: Transaction<Tables>) => Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
};

/** What waits while the disk syncs shares the next commit, up to this many. */
const largestGroup = 64;

/** A transaction that lost against another process is repeated this often. */
const mostConflicts = 10;

async function commitGroup<Tables>(
  store: Kysely<Tables>,
  group: readonly WaitingWrite<Tables>[],
  conflicts = 0,
): Promise<void> {
  try {
    const results = await store.transaction().execute(async (within) => {
      const done: unknown[] = [];
      for (const { work } of group) done.push(await work(within));
      return done;
    });
    for (const [at, { resolve }] of group.entries()) resolve(results[at]);
  } catch (error) {
    if (isConflict(error) && conflicts < mostConflicts) return commitGroup(store, group, conflicts + 1);
    // One spoils the group: each by itself, so that only the guilty one fails.
    if (group.length === 1) group[0]?.reject(error);
    // Perhaps committed: nothing is run a second time.
    else if (isLost(error)) for (const { reject } of group) reject(error);
    else for (const one of group) await commitGroup(store, [one]);
  }
}

/**
 * Writes that come together are committed together: a commit costs a sync of the disk, and a burst of events would pay
 * it for each. `work` may run twice and so touches nothing but the store.
 */
export function groupWrites<Tables>(store: Kysely<Tables>): Write<Tables> {
  const waiting: WaitingWrite<Tables>[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (waiting.length > 0) await commitGroup(store, waiting.splice(0, largestGroup));
    running = false;
  };
  return <Result>(work: (within: Transaction<Tables>) => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ work, resolve: (result) => resolve(result as Result), reject });
      void run();
    });
}
