import type { Generated, Kysely } from "kysely";
import { openStore, type Write } from "../store.ts";
import { relayMigrations } from "./migrations/list.ts";

/** Whose a row is. */
type Owned = { tenantId: string; branch: string; deviceId: string };
/** Columns of a row that waits to be worked on (dispatch.ts). */
type Waiting = { attempts: number; notBefore: number; fault: string | null };

export type RelayTables = {
  devices: Owned & { bornAt: number | null; health: string | null; healthAt: number | null };
  /** Every event ever received, once. The envelope is dropped when hr has answered; the answer stays for duplicates. */
  inbox: Owned & {
    eventId: string;
    type: string;
    envelope: string | null;
    receivedAt: number;
    state: "stored" | "accepted" | "parked";
    receipt: string | null;
  };
  /** What hr has not answered yet. */
  forwards: Owned & Waiting & { sequence: Generated<number>; eventId: string };
  /** What devices have not acknowledged yet, and what became of the rest. */
  downs: Owned &
    Waiting & {
      sequence: Generated<number>;
      eventId: string;
      orderId: string;
      revision: number;
      envelope: string;
      state: "sending" | "acknowledged" | "superseded" | "expired";
      storedAt: number;
      expiresAt: number;
    };
};

export type RelayStore = Kysely<RelayTables>;
export type RelayWrite = Write<RelayTables>;

/** @throws Fault storage.newer */
export const openRelayStore = (path: string): Promise<RelayStore> =>
  openStore<RelayTables>({ path, migrations: relayMigrations });
