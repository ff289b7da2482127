package sdjwt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// specification is a test case of sd-jwt-python: claims of which those marked
// !sd can be hidden, what the holder shows of them, and what a verifier sees.
type specification struct {
	UserClaims yaml.Node `yaml:"user_claims"`
	Disclosed  yaml.Node `yaml:"holder_disclosed_claims"`
	Expected   yaml.Node `yaml:"expect_verified_user_claims"`
}

// ours are claims that the Preparer writes by itself.
var ours = []string{"iss", "iat", "nbf", "exp", "vct", "cnf", "status"}

// TestVectorsSpecifications issues what others specified, shows what their
// holder shows, and compares what is left with what their verifier sees.
func TestVectorsSpecifications(t *testing.T) {
	for _, corpus := range []string{"sd-jwt-python", "sd-jwt-vc"} {
		t.Run(corpus, func(t *testing.T) {
			dir := pkitest.Corpus(t, corpus)
			tally := pkitest.Tally{Name: corpus}
			err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
				if err == nil && filepath.Base(path) == "specification.yml" {
					runSpecification(t, &tally, path)
				}
				return err
			})
			require.NoError(t, err)
			tally.Report(t)
		})
	}
}

func runSpecification(t *testing.T, tally *pkitest.Tally, path string) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var spec specification
	require.NoError(t, yaml.Unmarshal(text, &spec), path)
	p := world(t)
	prep := sdjwt.Preparer{Type: "urn:test:corpus", Claims: claimsOf(&spec.UserClaims, true),
		ValidUntil: p.Now.AddDate(0, 0, 1), Random: &counter{}}
	whole := issue(t, p, prep, "issuer", pki.ES256)
	name := filepath.Base(filepath.Dir(path))
	tally.Case(t, name+", all shown", sees(t, whole, plainOf(t, &spec.UserClaims)), "")
	if spec.Expected.IsZero() {
		return
	}
	shown := present(t, whole, plainOf(t, &spec.Disclosed))
	tally.Case(t, name+", as the holder shows it", sees(t, shown, plainOf(t, &spec.Expected)), "")
}

// sees reports whether the processed payload of data is want, apart from the
// claims that the Preparer writes.
func sees(t *testing.T, data []byte, want any) bool {
	sig := read(t, data)
	require.Empty(t, fatal(sig))
	for _, r := range sig.References {
		require.Equal(t, r.Want, digest(t, r), r.Name)
	}
	got, defects, err := sdjwt.Processed(data)
	require.NoError(t, err)
	require.Empty(t, defects)
	for _, v := range []any{got, want} {
		for _, name := range ours {
			delete(v.(map[string]any), name)
		}
	}
	a, err := json.Marshal(got)
	require.NoError(t, err)
	b, err := json.Marshal(want)
	require.NoError(t, err)
	if !bytes.Equal(a, b) {
		t.Logf("got  %s\nwant %s", a, b)
	}
	return bytes.Equal(a, b)
}

// claimsOf turns the YAML of an object into claims.
func claimsOf(n *yaml.Node, top bool) []sdjwt.Claim {
	out := []sdjwt.Claim{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if top && slices.Contains(ours, key.Value) {
			continue
		}
		out = append(out, sdjwt.Claim{Name: key.Value, Value: valueOf(value), Disclose: key.Tag == "!sd"})
	}
	return out
}

func valueOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		return claimsOf(n, false)
	case yaml.SequenceNode:
		items := []sdjwt.Item{}
		for _, item := range n.Content {
			items = append(items, sdjwt.Item{Value: valueOf(item), Disclose: item.Tag == "!sd"})
		}
		return items
	}
	return scalar(n)
}

// scalar decodes a scalar; one that is tagged !sd by the kind it has without.
func scalar(n *yaml.Node) any {
	bare := *n
	if bare.Tag == "!sd" {
		bare.Tag = ""
	}
	var v any
	if err := bare.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// plainOf turns YAML into what package json would decode.
func plainOf(t *testing.T, n *yaml.Node) any {
	text, err := json.Marshal(bareOf(n))
	require.NoError(t, err)
	out, err := sdjwt.Decode(text)
	require.NoError(t, err)
	return out
}

func bareOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = bareOf(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, bareOf(item))
		}
		return out
	}
	return scalar(n)
}

// present keeps of a document the disclosures that choice shows, as a holder
// does: true, or what is shown within, in the place of each claim.
func present(t *testing.T, whole []byte, choice any) []byte {
	jwt, tail, _ := strings.Cut(string(whole), "~")
	h := &holder{texts: map[string]string{}, values: map[string][]any{}}
	for _, d := range strings.Split(strings.TrimSuffix(tail, "~"), "~") {
		if d == "" {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(d)
		require.NoError(t, err)
		v, err := sdjwt.Decode(raw)
		require.NoError(t, err)
		id := base64.RawURLEncoding.EncodeToString(pki.SHA256.Sum([]byte(d)))
		h.texts[id], h.values[id] = d, v.([]any)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
	require.NoError(t, err)
	payload, err := sdjwt.Decode(raw)
	require.NoError(t, err)
	h.choose(payload, choice)
	return []byte(jwt + "~" + strings.Join(append(h.shown, ""), "~"))
}

type holder struct {
	texts  map[string]string
	values map[string][]any
	shown  []string
}

func (h *holder) choose(v, choice any) {
	switch v := v.(type) {
	case map[string]any:
		chosen, _ := choice.(map[string]any)
		digests, _ := v["_sd"].([]any)
		for _, digest := range digests {
			d, ok := h.values[digest.(string)]
			if ok && wanted(chosen[d[1].(string)]) {
				h.shown = append(h.shown, h.texts[digest.(string)])
				h.choose(d[2], chosen[d[1].(string)])
			}
		}
		for name, below := range v {
			h.choose(below, chosen[name])
		}
	case []any:
		chosen, _ := choice.([]any)
		for i := range min(len(v), len(chosen)) {
			object, _ := v[i].(map[string]any)
			digest, hidden := object["..."].(string)
			switch d := h.values[digest]; {
			case !hidden:
				h.choose(v[i], chosen[i])
			case d != nil && wanted(chosen[i]):
				h.shown = append(h.shown, h.texts[digest])
				h.choose(d[1], chosen[i])
			}
		}
	}
}

func wanted(choice any) bool {
	return choice != nil && choice != false && choice != "False" && choice != "None"
}
