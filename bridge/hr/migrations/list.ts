import type { Migrations } from "../../store.ts";
import { beginning } from "./0001-beginning.ts";

export const hrMigrations: Migrations = { "0001-beginning": beginning };
