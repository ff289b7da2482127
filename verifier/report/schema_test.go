package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

// schemaNode is a schema with the keywords that ours uses, and no other: the
// decoder refuses those that it does not know.
type schemaNode struct {
	Schema      string                 `json:"$schema"`
	ID          string                 `json:"$id"`
	Ref         string                 `json:"$ref"`
	Title       string                 `json:"title"`
	Description string                 `json:"description"`
	Type        string                 `json:"type"`
	Format      string                 `json:"format"`
	Pattern     string                 `json:"pattern"`
	Enum        []string               `json:"enum"`
	Required    []string               `json:"required"`
	Properties  map[string]*schemaNode `json:"properties"`
	Items       *schemaNode            `json:"items"`
	Defs        map[string]*schemaNode `json:"$defs"`
}

func schema(t testing.TB) *schemaNode {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(report.SchemaJSON))
	d.DisallowUnknownFields()
	var s schemaNode
	require.NoError(t, d.Decode(&s))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	return &s
}

// judge says where a value departs from a schema. It is stricter than the
// standard: a member that the schema does not know is a departure, too.
func (s *schemaNode) judge(defs map[string]*schemaNode, at string, value any) []string {
	if s.Ref != "" {
		def := defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
		if def == nil {
			return []string{at + ": " + s.Ref + " leads nowhere"}
		}
		return def.judge(defs, at, value)
	}
	var out []string
	bad := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	switch value := value.(type) {
	case map[string]any:
		if s.Type != "object" {
			bad("an object, want %s", s.Type)
		}
		for _, name := range s.Required {
			if _, ok := value[name]; !ok {
				bad("%s is missing", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			member := s.Properties[name]
			if member == nil {
				bad("%s is not known", name)
				continue
			}
			out = append(out, member.judge(defs, at+"."+name, value[name])...)
		}
	case []any:
		if s.Type != "array" {
			bad("a list, want %s", s.Type)
			break
		}
		for i, item := range value {
			out = append(out, s.Items.judge(defs, fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	case string:
		if s.Type != "string" && s.Enum == nil {
			bad("a text, want %s", s.Type)
		}
		if s.Enum != nil && !slices.Contains(s.Enum, value) {
			bad("%q is none of %q", value, s.Enum)
		}
		if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(value) {
			bad("%q is not %s", value, s.Pattern)
		}
		if _, err := time.Parse(time.RFC3339, value); s.Format == "date-time" && err != nil {
			bad("%q is no time", value)
		}
	case float64:
		if s.Type != "integer" || value != float64(int64(value)) {
			bad("a number, want %s", s.Type)
		}
	case bool:
		if s.Type != "boolean" {
			bad("a boolean, want %s", s.Type)
		}
	default:
		bad("%v", value)
	}
	return out
}

func departures(t testing.TB, r any) []string {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	s := schema(t)
	return s.judge(s.Defs, "report", value)
}

func TestReportsFitTheSchema(t *testing.T) {
	for name, r := range reports() {
		require.Empty(t, departures(t, r), name)
	}
	require.Empty(t, departures(t, &report.Report{}))
	for _, sub := range report.SubIndications() {
		r := sample()
		r.Verdict.Signatures[0].SubIndication, r.Verdict.Signatures[0].Checks[0].Sub = sub, sub
		require.Empty(t, departures(t, r))
	}
}

// The judge of this test can say no.
func TestSchemaRefuses(t *testing.T) {
	for change, r := range map[string]*report.Report{
		"status":         {Verdict: report.Verdict{Status: "fine"}},
		"sub_indication": {Verdict: report.Verdict{Signatures: []report.Signature{{SubIndication: "BAD"}}}},
		"stamp":          {Verdict: report.Verdict{Signatures: []report.Signature{{Stamp: "rubber"}}}},
		"mark": {Verdict: report.Verdict{Signatures: []report.Signature{{
			Answers: []report.Answer{{Mark: "maybe"}},
		}}}},
		"sha256": {Document: report.Document{SHA256: "XYZ"}},
	} {
		require.NotEmpty(t, departures(t, r), change)
	}
	require.NotEmpty(t, departures(t, map[string]any{"schema": 1, "more": true}))
}

// The schema and the Go types say the same: the same members with the same
// types, each explained, and required exactly where always written.
func TestSchemaDescribesEveryMember(t *testing.T) {
	s := schema(t)
	seen := map[string]bool{"Hex": true, "Time": true, "SubIndication": true}
	describeType(t, s.Defs, reflect.TypeFor[report.Report](), seen)
	require.ElementsMatch(t, slices.Collect(maps.Keys(s.Defs)), slices.Collect(maps.Keys(seen)))
	require.Equal(t, "#/$defs/Report", s.Ref)
	for name, def := range s.Defs {
		require.NotEmpty(t, def.Description, name)
	}
	var subs []string
	for _, sub := range report.SubIndications() {
		subs = append(subs, string(sub))
	}
	require.ElementsMatch(t, subs, s.Defs["SubIndication"].Enum)
	require.Contains(t, s.Description, report.Schema)
	require.True(t, strings.HasSuffix(report.Schema, s.ID[strings.LastIndex(s.ID, ":")+1:]))
}

func describeType(t *testing.T, defs map[string]*schemaNode, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	if seen[typ.Name()] {
		return
	}
	seen[typ.Name()] = true
	def := defs[typ.Name()]
	require.NotNil(t, def, "the schema has no %s", typ.Name())
	require.Equal(t, "object", def.Type)
	var members, required []string
	for i := range typ.NumField() {
		name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		members = append(members, name)
		if options == "" {
			required = append(required, name)
		}
		member := def.Properties[name]
		require.NotNil(t, member, "%s.%s is not in the schema", typ.Name(), name)
		require.NotEmpty(t, member.Description, "%s.%s", typ.Name(), name)
		describeMember(t, defs, typ.Field(i).Type, member, seen)
	}
	require.ElementsMatch(t, members, slices.Collect(maps.Keys(def.Properties)), typ.Name())
	require.ElementsMatch(t, required, def.Required, typ.Name())
}

func describeMember(t *testing.T, defs map[string]*schemaNode, typ reflect.Type, s *schemaNode, seen map[string]bool) {
	t.Helper()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	target := strings.TrimPrefix(s.Ref, "#/$defs/")
	switch {
	case typ == reflect.TypeFor[time.Time]():
		require.Equal(t, "Time", target)
	case typ == reflect.TypeFor[[]byte](), typ.Kind() == reflect.String, typ == reflect.TypeFor[report.Indication]():
		require.True(t, s.Type == "string" || s.Enum != nil || target == "Hex" || target == "SubIndication", s.Description)
	case typ.Kind() == reflect.Struct:
		require.Equal(t, typ.Name(), target)
		describeType(t, defs, typ, seen)
	case typ.Kind() == reflect.Slice:
		require.Equal(t, "array", s.Type, s.Description)
		describeMember(t, defs, typ.Elem(), s.Items, seen)
	case typ.Kind() == reflect.Bool:
		require.Equal(t, "boolean", s.Type, s.Description)
	default:
		require.Contains(t, []reflect.Kind{reflect.Int, reflect.Int64}, typ.Kind())
		require.Equal(t, "integer", s.Type, s.Description)
	}
}
