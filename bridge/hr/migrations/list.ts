import type { Migrations } from "../../store.ts";
import { beginning } from "./0001-beginning.ts";
import { intakeTables } from "./0002-intake.ts";
import { accountTables } from "./0003-accounts.ts";
import { judgementTables } from "./0004-judgements.ts";
import { deletionTables } from "./0005-deletions.ts";

export const hrMigrations: Migrations = {
  "0001-beginning": beginning,
  "0002-intake": intakeTables,
  "0003-accounts": accountTables,
  "0004-judgements": judgementTables,
  "0005-deletions": deletionTables,
};
