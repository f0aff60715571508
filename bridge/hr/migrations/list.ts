import type { Migrations } from "../../store.ts";
import { beginning } from "./0001-beginning.ts";
import { intakeTables } from "./0002-intake.ts";

export const hrMigrations: Migrations = { "0001-beginning": beginning, "0002-intake": intakeTables };
