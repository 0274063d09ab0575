// Holds a database alone until it is killed: hold-database.ts file
import { DatabaseSync } from "node:sqlite";
import { writeOut } from "../../../src/platform/stdio.ts";

const [file = ""] = process.argv.slice(2);
const db = new DatabaseSync(file);
db.exec(file.endsWith("gate") ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE");
writeOut("held\n");
setInterval(() => db.isOpen, 1000);
