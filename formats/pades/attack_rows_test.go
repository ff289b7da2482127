package pades_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// elsewhere are the rows of the table of attacks that are not about PDF alone,
// each with tests of the package where it is refused.
var elsewhere = map[string]map[string][]string{
	"P8": {".": {"TestHostileFilesEndSoon", "TestFormLoops"}, "../internal/pdf": {"TestHostileFilesEnd"}},
	"C3": {"../../pki/cms": {"TestTwofoldAttributesAreFatal"}, "../cades": {"TestTwoSigningCertificates"}},
	"C4": {"../../pki/cms": {"TestHostileShapes"}},
	"C5": {"../../verifier": {"TestAbsentAndNULLParameters"}},
	"C6": {"../../verifier": {"TestSameNamesOtherKeys", "TestEveryPartOfTheReferenceCounts"}},
	"C7": {"../../verifier": {"TestWorthlessStamps", "TestForgedDocumentStamp"}},
	"C8": {"../cades": {"TestHostileHashIndex", "TestAddedAfterTheArchiveTimestamp", "TestRemovedAfterTheArchiveTimestamp"}},
	"O1": {
		"../../pki/ocsp": {"TestDelegatesThatMayNotAnswer", "TestForgedSigners", "TestAnswerAboutANamesake"},
		"../../pki/crl":  {"TestListByAnotherKeyOfTheSameName", "TestDirectListAsIndirect"},
	},
	"E1": {"../../pki/ers": {"TestDefects", "TestPartsDoNotChangePlaces"}, "../../verifier": {"TestRecordMutations"}},
}

// functions are the names of all functions of a folder; of methods, the last
// part.
func functions(t *testing.T, folder string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				out[f.Name.Name] = true
			}
		}
	}
	return out
}

// Every row of the table has an attack here or tests elsewhere, and what is said
// to refuse it is there: a rule that is renamed or taken out is missed.
func TestRowsOfTheTable(t *testing.T) {
	rules := map[string]bool{}
	for _, folder := range []string{".", "../internal/pdf", "../cades", "../../pki"} {
		for name := range functions(t, folder) {
			rules[name] = true
		}
	}
	rows := map[string]int{}
	for _, a := range attacks() {
		rows[a.row]++
		require.True(t, rules[a.rule[strings.LastIndexByte(a.rule, '.')+1:]], "%s: no rule %s", a.name, a.rule)
	}
	for row, folders := range elsewhere {
		for folder, tests := range folders {
			there := functions(t, folder)
			for _, name := range tests {
				require.True(t, there[name], "%s: no test %s in %s", row, name, folder)
				rows[row]++
			}
		}
	}
	for _, row := range strings.Fields("P1 P2 P3 P4 P5 P6 P7 P8 C1 C2 C3 C4 C5 C6 C7 C8 O1 E1") {
		require.NotZero(t, rows[row], row)
	}
}
