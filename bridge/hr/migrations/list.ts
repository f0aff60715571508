import type { Migrations } from "../../store.ts";
import { beginning } from "./0001-beginning.ts";
import { accountTables } from "./0003-accounts.ts";
import { judgementTables } from "./0004-judgements.ts";

export const hrMigrations: Migrations = {
  "0001-beginning": beginning,
  "0003-accounts": accountTables,
  "0004-judgements": judgementTables,
};
