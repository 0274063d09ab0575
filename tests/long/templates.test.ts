import { describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Rig } from "../rig/rig.ts";

/** A program that copies files out of site-packages to begin a project. */
interface Template {
  readonly requirements: readonly string[];
  readonly argv: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** The folder that it makes. */
  readonly makes: string;
}

const TEMPLATES: Readonly<Record<string, Template>> = {
  "alembic init": { requirements: ["alembic"], argv: ["alembic", "init", "made"], makes: "made" },
  "django-admin startproject": {
    requirements: ["django"],
    argv: ["django-admin", "startproject", "made"],
    makes: "made",
  },
  "flask db init": {
    requirements: ["flask-migrate"],
    argv: ["flask", "--app", "app", "db", "init"],
    files: {
      "app.py": `from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
Migrate(app, SQLAlchemy(app))
`,
    },
    makes: "migrations",
  },
  "scrapy startproject": { requirements: ["scrapy"], argv: ["scrapy", "startproject", "made"], makes: "made" },
};

describe("programs that copy files out of site-packages, for who isn't root", () => {
  for (const [what, { requirements, argv, files = {}, makes }] of Object.entries(TEMPLATES)) {
    for (const kind of ["thin", "full"]) {
      test(`${what}: makes files that can be edited and removed, in a ${kind} environment`, async () => {
        await using rig = await Rig.ordinary();
        for (const [path, text] of Object.entries(files)) rig.write(path, text);
        const wanted = requirements.flatMap((one) => ["--with", one]);
        const create = ["create", kind, "--python", rig.python, ...(kind === "thin" ? ["--thin"] : []), ...wanted];
        expect(await rig.skerry(create, { timeout: 600_000 })).toMatchObject({ exitCode: 0 });
        const made = await rig.skerry(["exec", kind, "--", ...argv]);
        expect({ kind, ...made }).toMatchObject({ kind, exitCode: 0 });
        const sealed = readdirSync(join(rig.cwd, makes), { recursive: true, encoding: "utf8" }).filter(
          (path) => (statSync(join(rig.cwd, makes, path)).mode & 0o200) === 0,
        );
        expect(sealed).toEqual([]);
        expect(await rig.run(["rm", "-r", makes])).toMatchObject({ exitCode: 0, stderr: "" });
      }, 900_000);
    }
  }
});
