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
  type Transaction,
} from "kysely";
import { Fault } from "../contracts/fault.ts";

/** By name, `0001-what-it-does` first; a released one is never changed, only followed. */
export type Migrations = Readonly<Record<string, Migration>>;

export type StoreOptions = {
  path: string;
  migrations: Migrations;
  /** 32 bytes; the whole file, its log included, is encrypted with it. */
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
function unknownMigrations(database: InstanceType<typeof Database>, migrations: Migrations): string[] {
  const there = database.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get();
  if (there === undefined) return [];
  const seen = database.prepare("select name from kysely_migration").pluck().all() as string[];
  return seen.filter((name) => !Object.hasOwn(migrations, name));
}

/**
 * Opens (or makes) a store and brings it up to date: SQLite, write-ahead log, synchronous=FULL, one connection.
 * @throws Fault storage.newer when a newer release wrote it, key.missing when the key does not open it
 */
export async function openStore<Tables>(options: StoreOptions): Promise<Kysely<Tables>> {
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  const database = openDatabase(options);
  const newer = unknownMigrations(database, options.migrations);
  if (newer.length > 0) {
    database.close();
    throw new Fault(
      "storage.newer",
      `${options.path} was written by a newer release (${newer.join(", ")}): install that release`,
    );
  }
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database: rememberStatements(database) }) });
  const provider: MigrationProvider = { getMigrations: async () => ({ ...options.migrations }) };
  const { error } = await new Migrator({ db: store, provider }).migrateToLatest();
  if (error !== undefined) {
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

async function commitGroup<Tables>(store: Kysely<Tables>, group: readonly WaitingWrite<Tables>[]): Promise<void> {
  try {
    const results = await store.transaction().execute(async (within) => {
      const done: unknown[] = [];
      for (const { work } of group) done.push(await work(within));
      return done;
    });
    for (const [at, { resolve }] of group.entries()) resolve(results[at]);
  } catch (error) {
    // One spoils the group: each by itself, so that only the guilty one fails.
    if (group.length === 1) group[0]?.reject(error);
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
