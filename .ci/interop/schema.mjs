// schema.mjs SCHEMA REPORTS: holds each line of REPORTS against the JSON Schema
// (draft 2020-12). Ends with 0 if the schema is one and all lines fit.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const [schemaFile, reportsFile] = process.argv.slice(2);
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ajv = new Ajv2020.default({ strict: true, strictTypes: false, allErrors: true, formats: { "date-time": rfc3339 } });
const fits = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));
const lines = readFileSync(reportsFile, "utf8").split("\n").filter(Boolean);
let good = lines.length > 0;
for (const [i, line] of lines.entries()) {
  if (!fits(JSON.parse(line))) {
    console.log(`line ${i + 1}: ${ajv.errorsText(fits.errors)}`);
    good = false;
  }
}
process.exit(good ? 0 : 1);
