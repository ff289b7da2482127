package report

import _ "embed" // the schema

// SchemaJSON is the JSON Schema (draft 2020-12) of the JSON of a Report.
//
//go:embed schema.json
var SchemaJSON []byte
