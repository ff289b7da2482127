package formattest_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/formattest"
	"tamga/formats/mdoc"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

const drawing = "root -> alice, seal[rsa2048], ed[ed25519], clock[timestamp], issuer[mdoc], vci[sdjwt]"

func writer(t *testing.T, p *pkitest.PKI, name, by string, use pki.Use, raw bool) formattest.Writer {
	key := p.Key(by, use)
	alg, err := pki.DefaultAlgorithm(key.Certificate().PublicKey)
	if raw {
		alg, err = pki.DefaultRawAlgorithm(key.Certificate().PublicKey)
	}
	require.NoError(t, err)
	return formattest.Writer{
		Name: name, Key: key, Use: use,
		Params: formats.Params{Algorithm: alg, Chain: key.Chain(), Time: p.Now.Add(-time.Hour)},
	}
}

// written makes a sample by a writer.
func written(t *testing.T, w formattest.Writer) formattest.Sample {
	pr := w.New(bytes.NewReader(bytes.Repeat([]byte("fifty-three bytes of salt, so that no two are alike! "), 200)))
	pending, err := pr.Prepare(w.Input, w.Params)
	require.NoError(t, err)
	value, err := w.Key.Sign(t.Context(), w.Use, w.Params.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	done := formats.Completion{Value: value}
	if w.Timestamper != nil {
		done.Timestamp, err = w.Timestamper.Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(pr.StampInput(pending, value)))
		require.NoError(t, err)
	}
	edit, err := pr.Complete(pending, done)
	require.NoError(t, err)
	data, err := io.ReadAll(edit.Apply(w.Input, w.Name).Reader())
	require.NoError(t, err)
	return formattest.Sample{Name: w.Name, Bytes: data, Detached: w.Detached}
}

func text(s string) formats.Input {
	return formats.Input{Name: "text", ReaderAt: bytes.NewReader([]byte(s)), Size: int64(len(s))}
}

func TestCAdES(t *testing.T) {
	p := pkitest.New(t, drawing)
	clock, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: p.Key("clock", pki.UseTimestamp), Policy: "1.3.6.1.4.1.99999.1", Now: p.Clock(),
	})
	require.NoError(t, err)
	f := formattest.Format{Parser: cades.Parser{}}
	for _, c := range []struct {
		name, by string
		attached bool
		level    formats.Level
	}{
		{"detached", "alice", false, formats.LevelB}, {"attached", "alice", true, formats.LevelB},
		{"rsa", "seal", true, formats.LevelB}, {"ed25519", "ed", true, formats.LevelB},
		{"stamped", "alice", true, formats.LevelT},
	} {
		w := writer(t, p, c.name, c.by, pki.UseSign, false)
		w.New = func(io.Reader) formats.Preparer { return cades.Preparer{Attached: c.attached} }
		w.Input, w.Params.Level = text("I owe you one horse."), c.level
		if !c.attached {
			w.Detached = []formats.Input{w.Input}
		}
		if c.level == formats.LevelT {
			w.Timestamper = clock
		}
		f.Writers = append(f.Writers, w)
		f.Samples = append(f.Samples, written(t, w))
	}
	formattest.Test(t, f)
}

func TestMdoc(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := writer(t, p, "issued", "issuer", pki.UseMdoc, true)
	w.New = func(random io.Reader) formats.Preparer {
		return mdoc.Preparer{
			DocType: "org.iso.18013.5.1.mDL", HolderKey: p.Cert("alice").PublicKey,
			Namespaces: []mdoc.Namespace{{Name: "org.iso.18013.5.1", Elements: []mdoc.Element{
				{ID: "family_name", Value: "Коваль"}, {ID: "birth_date", Value: mdoc.FullDate("1990-01-01")},
				{ID: "portrait", Value: []byte{0xff, 0xd8, 0xff}}, {ID: "age_over_18", Value: true},
			}}},
			ValidFrom: p.Now, ValidUntil: p.Now.AddDate(0, 3, 0), Random: random,
		}
	}
	w.Input = text("")
	f := formattest.Format{
		Parser: mdoc.Parser{}, Writers: []formattest.Writer{w}, Samples: []formattest.Sample{written(t, w)},
	}
	formattest.Test(t, f)
}

// The example of ISO 18013-5 annex D and those of five other makers.
func TestForeignMdoc(t *testing.T) {
	root := pkitest.Corpus(t, "mdoc-ts")
	f := formattest.Format{Parser: mdoc.Parser{}, Mutations: 400}
	paths, err := filepath.Glob(filepath.Join(root, "*", "*.cbor"))
	require.NoError(t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f.Samples = append(f.Samples, formattest.Sample{Name: filepath.Base(filepath.Dir(path)), Bytes: data})
	}
	require.NotEmpty(t, f.Samples)
	formattest.Test(t, f)
}

func TestSDJWT(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := writer(t, p, "issued", "vci", pki.UseSDJWT, true)
	w.New = func(random io.Reader) formats.Preparer {
		return sdjwt.Preparer{
			Type: "urn:eudi:pid:1", HolderKey: p.Cert("alice").PublicKey,
			Claims: []sdjwt.Claim{
				{Name: "family_name", Value: "Коваль", Disclose: true}, {Name: "age", Value: 36, Disclose: true},
				{Name: "country", Value: "EE"},
			},
			ValidFrom: p.Now, ValidUntil: p.Now.AddDate(0, 3, 0), Random: random,
		}
	}
	w.Input = text("")
	formattest.Test(t, formattest.Format{
		Parser: sdjwt.Parser{}, Writers: []formattest.Writer{w}, Samples: []formattest.Sample{written(t, w)},
	})
}
