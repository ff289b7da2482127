package deps_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/deps"
)

func TestModuleFollowsPlan(t *testing.T) {
	found, err := deps.Check(os.DirFS("../../.."), deps.Plan)
	require.NoError(t, err)
	require.Empty(t, found, "move the code, not the plan:\n%s", strings.Join(found, "\n"))
}

// house is a small module that follows a small plan.
func house(change map[string]string) fstest.MapFS {
	files := map[string]string{
		"go.mod":                 "module tamga\n",
		"pki/a.go":               `package pki; import "time"; var _ time.Time`,
		"pki/softkey/a.go":       `package softkey; import ("os"; "tamga/pki"); var _ = os.Open; var _ pki.T`,
		"formats/a.go":           `package formats; import _ "tamga/pki"`,
		"verifier/a.go":          `package verifier; import _ "tamga/formats"`,
		"signer/a.go":            `package signer; import _ "tamga/formats"`,
		"signer/a_test.go":       `package signer; import _ "tamga/verifier"`,
		"cmd/a.go":               `package cmd; import ("time"; _ "tamga/signer"; _ "tamga/verifier"); var _ = time.Now`,
		"pki/testdata/broken.go": `this is not Go`,
		"interop/go.mod":         "module other",
		"interop/a.go":           `package interop; import _ "math/rand"`,
	}
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range change {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

const smallPlan = `
NONE < pki
pki < pki/softkey, formats
formats < signer, verifier
signer, verifier, pki/softkey < cmd
never signer -> verifier
never verifier, formats -> os, net, pki/softkey
never pki -> math/rand
only pki/hsm -> C
only cmd calls time.Now
only cmd declares init
`

func TestHouseInOrder(t *testing.T) {
	found, err := deps.Check(house(nil), smallPlan)
	require.NoError(t, err)
	require.Empty(t, found)
}

// A check that cannot fail proves nothing, so each kind of departure is
// planted once.
func TestPlantedViolations(t *testing.T) {
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"an arrow runs back up": {"pki/b.go", `package pki; import _ "tamga/formats"`,
			"pki imports tamga/formats"},
		"the signer judges": {"signer/b.go", `package signer; import _ "tamga/verifier"`,
			"signer reaches verifier: never signer -> verifier"},
		"a format opens files": {"formats/b.go", `package formats; import "os"; var _ = os.Open`,
			"formats reaches os: never"},
		"a verifier speaks HTTP": {"verifier/b.go", `package verifier; import _ "net/http"`,
			"verifier reaches net/http: never"},
		"a format opens keys": {"formats/b.go", `package formats; import _ "tamga/pki/softkey"`,
			"formats reaches pki/softkey: never"},
		"a verifier reaches keys through a format": {"formats/b.go", `package formats; import _ "tamga/pki/softkey"`,
			"verifier reaches pki/softkey: never"},
		"chance where secrets are made": {"pki/b.go", `package pki; import _ "math/rand/v2"`,
			"pki reaches math/rand/v2: never"},
		"cgo": {"pki/b.go", `package pki; import "C"`, "pki imports C: only pki/hsm -> C"},
		"a clock": {"signer/b.go", `package signer; import "time"; var _ = time.Now()`,
			"signer uses time.Now: only cmd calls time.Now"},
		"a clock under another name": {"signer/b.go", `package signer; import clock "time"; var now = clock.Now`,
			"signer uses time.Now"},
		"an effect of being imported": {"formats/b.go", `package formats; func init() {}`,
			"formats declares init"},
		"a room that nobody planned": {"utils/b.go", `package utils`, "utils is not in the plan"},
		"behind a build tag":         {"pki/b.go", "//go:build windows\n\npackage pki; import \"C\"", "pki imports C"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := deps.Check(house(map[string]string{c.file: c.text}), smallPlan)
			require.NoError(t, err)
			want := strings.Replace(c.want, "imports tamga/", "imports ", 1)
			require.Contains(t, strings.Join(found, "\n"), want)
		})
	}
}

// What cannot be read must not pass for being in order.
func TestUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		plan   string
	}{
		"broken source":     {map[string]string{"pki/b.go": "package"}, smallPlan},
		"dot import":        {map[string]string{"pki/b.go": `package pki; import . "time"`}, smallPlan},
		"no module line":    {map[string]string{"go.mod": ""}, smallPlan},
		"a circle":          {nil, "NONE < a\na < b\nb < a"},
		"not yet placed":    {nil, "a < b"},
		"no arrow":          {nil, "a b"},
		"half a rule":       {nil, "never a"},
		"a rule on nothing": {nil, "never a -> "},
		"an unknown rule":   {nil, "only a sings"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := deps.Check(house(c.change), c.plan)
			require.Error(t, err)
		})
	}
}
