package signer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/signer"
)

const levelT = formats.LevelT

func request(f formats.Preparer) signer.SignRequest {
	return signer.SignRequest{Format: f, Level: formats.LevelB}
}

func TestNewRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	sound := func() signer.Config {
		return signer.Config{Keys: []*pki.Key{p.Key("file")}, Check: check, Now: p.Clock()}
	}
	_, err := signer.New(sound())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		edit func(*signer.Config)
		want string
	}{
		"no check":           {func(c *signer.Config) { c.Check = nil }, "no check of finished documents"},
		"no clock":           {func(c *signer.Config) { c.Now = nil }, "no clock"},
		"no keys":            {func(c *signer.Config) { c.Keys = nil }, "no key"},
		"a key that is none": {func(c *signer.Config) { c.Keys[0] = nil }, "key 0 is missing"},
		"two keys of a name": {func(c *signer.Config) { c.Keys = append(c.Keys, c.Keys[0]) }, `two keys are named "file"`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := sound()
			c.edit(&cfg)
			_, err := signer.New(cfg)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestSignDetached(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "mdoc", "file")
	in := input("hello")
	edit, err := s.Sign(t.Context(), request(cades.Preparer{}), in)
	require.NoError(t, err)
	require.Zero(t, edit.Keep)
	out := edit.Apply(in, "letter.txt.p7s")
	out.Detached = []formats.Input{in}
	require.NoError(t, check(t.Context(), out))
	out.Detached = []formats.Input{input("hallo")}
	require.Error(t, check(t.Context(), out), "the signature is over another file")
}

func TestSignRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "file", "sdjwt", "old", "young")
	type wish = signer.SignRequest
	for name, c := range map[string]struct {
		edit func(*wish)
		want string
		is   error
	}{
		"no format":            {func(r *wish) { r.Format = nil }, "no format", nil},
		"no level":             {func(r *wish) { r.Level = "" }, `level ""`, formats.ErrUnsupported},
		"a level beyond us":    {func(r *wish) { r.Level = "B-XL" }, `level "B-XL"`, formats.ErrUnsupported},
		"no authority":         {func(r *wish) { r.Level = formats.LevelT }, "no time-stamp authority", nil},
		"no such key":          {func(r *wish) { r.Key = "x" }, `key "x"`, pki.ErrKeyNotFound},
		"a key for other uses": {func(r *wish) { r.Key = "sdjwt" }, `use "sign"`, pki.ErrKeyUse},
		"an expired key":       {func(r *wish) { r.Key = "old" }, `key "old" expired on 2026-05-01`, nil},
		"a key of tomorrow":    {func(r *wish) { r.Key = "young" }, `key "young" is not valid before`, nil},
		"another's algorithm":  {func(r *wish) { r.Algorithm = pki.RSASHA256 }, "RSA", nil},
		"an algorithm of JOSE": {func(r *wish) { r.Algorithm = pki.ES256 }, "no name in", pki.ErrUnknownAlgorithm},
		// Whoever may have files signed could have a passport made.
		"a credential as a file": {func(r *wish) { r.Format = mdoc.Preparer{DocType: "eu.europa.ec.eudi.pid.1"} },
			"not a signature on files", formats.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(cades.Preparer{})
			c.edit(&r)
			edit, err := s.Sign(t.Context(), r, input("hello"))
			require.ErrorContains(t, err, c.want)
			require.Zero(t, edit)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
		})
	}
	none := newService(t, p, nil, "sdjwt")
	_, err := none.Sign(t.Context(), request(cades.Preparer{}), input("hello"))
	require.ErrorIs(t, err, pki.ErrKeyNotFound)
}

// The worst failure of a signer is one that nobody sees: no error, and a
// document that is not signed. Each of these formats has a bug that ends so.
func TestNothingUnsignedIsReleased(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "file")
	earlier, err := s.Sign(t.Context(), request(cades.Preparer{}), input("hello"))
	require.NoError(t, err)
	keep := func(n int64) func(formats.Edit) formats.Edit {
		return func(e formats.Edit) formats.Edit { e.Keep = n; return e }
	}
	layout := func(change func(*formats.Pending)) func(*formats.Pending) *formats.Pending {
		return func(p *formats.Pending) *formats.Pending { change(p); return p }
	}
	for name, f := range map[string]tampered{
		"nothing was added": {edit: func(formats.Edit) formats.Edit { return formats.Edit{Keep: 5} }},
		"the input as it was": {edit: func(formats.Edit) formats.Edit {
			return formats.Edit{Tail: []byte("hello")}
		}},
		"more than the input is kept": {edit: keep(6)},
		"a negative part is kept":     {edit: keep(-1)},
		"a byte fell": {edit: func(e formats.Edit) formats.Edit {
			e.Tail = e.Tail[:len(e.Tail)-1]
			return e
		}},
		"valid, but an earlier one": {edit: func(formats.Edit) formats.Edit { return earlier }},
		"nothing to sign":           {pending: layout(func(p *formats.Pending) { p.ToBeSigned = nil })},
		"no layout":                 {pending: func(*formats.Pending) *formats.Pending { return nil }},
		"another algorithm":         {pending: layout(func(p *formats.Pending) { p.Algorithm = pki.ECDSASHA1 })},
		"another level":             {pending: layout(func(p *formats.Pending) { p.Level = formats.LevelT })},
		"another document":          {pending: layout(func(p *formats.Pending) { p.ToBeSigned = []byte("I owe you") })},
	} {
		t.Run(name, func(t *testing.T) {
			f.Preparer = cades.Preparer{}
			// Even with a verifier that finds everything good.
			blind := newService(t, p, func(c *signer.Config) {
				c.Check = func(context.Context, formats.Input) error { return nil }
				c.Now = func() time.Time { return p.Now.Add(time.Minute) }
			}, "file")
			edit, err := blind.Sign(t.Context(), request(f), input("hello"))
			require.Error(t, err)
			require.Zero(t, edit)
		})
	}
}

// A PDF that was signed before is valid without us: only whoever looks for the
// new signature sees that it is missing.
func TestNothingButAnEarlierSignature(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "file")
	in := page()
	edit, err := s.Sign(t.Context(), request(pades.Preparer{}), in)
	require.NoError(t, err)
	signed := copyOf(t, edit.Apply(in, in.Name))
	require.NoError(t, check(t.Context(), signed))
	for name, tail := range map[string]string{"white space": "\n", "a comment": "%signed\n"} {
		f := tampered{Preparer: pades.Preparer{}, edit: func(formats.Edit) formats.Edit {
			return formats.Edit{Keep: signed.Size, Tail: []byte(tail)}
		}}
		_, err = s.Sign(t.Context(), request(f), signed)
		require.ErrorContains(t, err, "the signature that was made is in it 0 times", name)
	}
	edit, err = s.Sign(t.Context(), request(pades.Preparer{}), signed)
	require.NoError(t, err)
	require.Len(t, parse(t, copyBytes(t, edit.Apply(signed, "x")), 2), 2)
}

func TestSignWithTimestamp(t *testing.T) {
	p := pkitest.New(t, drawing)
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("tsa"), Policy: "2.999.1", Now: p.Clock()})
	require.NoError(t, err)
	s := newService(t, p, func(c *signer.Config) { c.Timestamper = authority }, "file")
	for _, f := range []formats.Preparer{pades.Preparer{}, cades.Preparer{}, cades.Preparer{Attached: true}} {
		in := page()
		edit, err := s.Sign(t.Context(), signer.SignRequest{Format: f, Level: levelT}, in)
		require.NoError(t, err)
		sigs := parse(t, copyBytes(t, edit.Apply(in, "x")), 1)
		require.Len(t, sigs[0].Evidence.Timestamps, 1)
		require.Equal(t, p.Now, sigs[0].Evidence.Timestamps[0].Time.UTC())
	}

	// A token that is sound, but over another signature, proves nothing of ours.
	stolen := stamper(func(h pki.Hash, imprint []byte) ([]byte, error) {
		return authority.Timestamp(t.Context(), h, h.Sum(imprint))
	})
	s = newService(t, p, func(c *signer.Config) { c.Timestamper = stolen }, "file")
	_, err = s.Sign(t.Context(), signer.SignRequest{Format: cades.Preparer{}, Level: levelT}, page())
	require.ErrorContains(t, err, "time-stamp")
}

// What the verifier refuses is not released; and the fault is ours, so nobody
// may take the error for one of the document that came in.
func TestCheckDecides(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, func(c *signer.Config) {
		c.Check = func(context.Context, formats.Input) error { return formats.ErrMalformed }
	}, "file")
	edit, err := s.Sign(t.Context(), request(cades.Preparer{}), input("hello"))
	require.ErrorContains(t, err, "checking the finished document: malformed")
	require.NotErrorIs(t, err, formats.ErrMalformed)
	require.Zero(t, edit)
}

// A file that changes while it is signed must not come out as signed.
func TestFileChangesMeanwhile(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "file")
	content := []byte("hello")
	f := tampered{Preparer: cades.Preparer{}, edit: func(e formats.Edit) formats.Edit {
		content[1] = 'a'
		return e
	}}
	in := formats.Input{Name: "x", ReaderAt: bytes.NewReader(content), Size: 5}
	_, err := s.Sign(t.Context(), request(f), in)
	require.ErrorContains(t, err, "does not match")
}

func TestStampFailures(t *testing.T) {
	p := pkitest.New(t, drawing)
	for name, c := range map[string]struct {
		stamper stamper
		want    string
	}{
		"the authority is away": {func(pki.Hash, []byte) ([]byte, error) {
			return nil, io.ErrUnexpectedEOF
		}, "unexpected EOF"},
		"the authority says nothing": {func(pki.Hash, []byte) ([]byte, error) { return nil, nil }, "no token"},
		"the token is rubbish":       {func(pki.Hash, []byte) ([]byte, error) { return []byte("x"), nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, p, func(cfg *signer.Config) { cfg.Timestamper = c.stamper }, "file")
			r := signer.SignRequest{Format: cades.Preparer{}, Level: levelT}
			edit, err := s.Sign(t.Context(), r, input("hello"))
			require.ErrorContains(t, err, c.want)
			require.Zero(t, edit)
		})
	}
}

// endless is a document of which each read lets some time pass.
type endless struct{ read func() }

func (e endless) ReadAt(b []byte, _ int64) (int, error) {
	e.read()
	clear(b)
	return len(b), nil
}

// A client that has gone must not keep a processor hashing its petabyte.
func TestCancel(t *testing.T) {
	p := pkitest.New(t, drawing)
	s := newService(t, p, nil, "file")
	ctx, cancel := context.WithCancel(t.Context())
	reads := 0
	in := formats.Input{Name: "x", Size: 1 << 50, ReaderAt: endless{func() {
		if reads++; reads == 10 {
			cancel()
		}
	}}}
	_, err := s.Sign(ctx, request(cades.Preparer{}), in)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 10, reads)

	ctx, cancel = context.WithCancel(t.Context())
	s = newService(t, p, func(c *signer.Config) {
		c.Check = func(context.Context, formats.Input) error { cancel(); return errors.New("read: broken off") }
	}, "file")
	_, err = s.Sign(ctx, request(cades.Preparer{}), input("hello"))
	require.ErrorIs(t, err, context.Canceled)
}

// A key that the operator limits to one algorithm signs with that one.
func TestLimitedKey(t *testing.T) {
	p := pkitest.New(t, "root -> rsa[rsa2048]")
	key, err := pki.NewKey(pki.KeyConfig{
		Name: "rsa", Uses: []pki.Use{pki.UseSign}, Algorithms: []pki.Algorithm{pki.PSSSHA384},
	}, p.Signer("rsa"), p.Chain("rsa"))
	require.NoError(t, err)
	s := newService(t, p, func(c *signer.Config) { c.Keys = []*pki.Key{key} })
	used := pki.UnknownAlgorithm
	spy := tampered{Preparer: cades.Preparer{}, pending: func(p *formats.Pending) *formats.Pending {
		used = p.Algorithm
		return p
	}}
	_, err = s.Sign(t.Context(), request(spy), input("hello"))
	require.NoError(t, err)
	require.Equal(t, pki.PSSSHA384, used)

	_, err = s.Sign(t.Context(), signer.SignRequest{
		Format: cades.Preparer{}, Level: formats.LevelB, Algorithm: pki.RSASHA256,
	}, input("hello"))
	require.ErrorIs(t, err, pki.ErrKeyUse)
}

// The place for a time-stamp is kept before the key signs. A token that does
// not fit ends that one signature, with one use of the key; from then on there
// is room, for every size that was told or seen.
func TestStampSizeIsLearned(t *testing.T) {
	p := pkitest.New(t, drawing)
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("tsa"), Policy: "2.999.1", Now: p.Clock()})
	require.NoError(t, err)
	// An unsigned attribute of 20,000 bytes: SEQUENCE { OID, SET { OCTET STRING } }
	filler := append([]byte("\x30\x82\x4E\x2C\x06\x02\x2A\x03\x31\x82\x4E\x24\x04\x82\x4E\x20"), make([]byte, 20_000)...)
	bulky := stamper(func(h pki.Hash, imprint []byte) ([]byte, error) {
		token, err := authority.Timestamp(t.Context(), h, imprint)
		if err != nil {
			return nil, err
		}
		return cms.AddUnsigned(token, 0, filler)
	})
	sign := func(s *signer.Service) (formats.Edit, error) {
		return s.Sign(t.Context(), signer.SignRequest{Format: pades.Preparer{}, Level: levelT}, page())
	}
	s := newService(t, p, func(c *signer.Config) { c.Timestamper = bulky }, "file")
	_, err = sign(s)
	require.ErrorIs(t, err, signer.ErrStampSize)
	require.NotErrorIs(t, err, formats.ErrTooLarge, "not the fault of the document")
	for range 2 {
		_, err = sign(s)
		require.NoError(t, err)
	}
	told := newService(t, p, func(c *signer.Config) { c.Timestamper, c.StampSize = bulky, 23_000 }, "file")
	edit, err := sign(told)
	require.NoError(t, err, "what is told is right at first")
	require.Less(t, len(edit.Tail), 2*30_000)
	_, err = signer.New(signer.Config{
		Keys: []*pki.Key{p.Key("file")}, Now: p.Clock(), StampSize: -1,
		Check: func(context.Context, formats.Input) error { return nil },
	})
	require.ErrorContains(t, err, "time-stamps of -1 bytes")
}

// Who signs beside others, or over one of them, adds to a file that is signed
// already. The release finds the one signature that was made, and the checks of
// the others go on being over what they were over.
func TestSignOnto(t *testing.T) {
	p := pkitest.New(t, drawing)
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("tsa"), Policy: "2.999.1", Now: p.Clock()})
	require.NoError(t, err)
	s := newService(t, p, func(c *signer.Config) { c.Timestamper = authority }, "file")
	content := input("hello")
	edit, err := s.Sign(t.Context(), signer.SignRequest{Format: cades.Preparer{}, Level: levelT, ContentStamp: true}, content)
	require.NoError(t, err)
	signed := input(string(copyBytes(t, edit.Apply(content, "hello.p7s"))))
	signed.Detached = []formats.Input{content}
	for _, f := range []cades.Preparer{{Parallel: true}, {Counter: 2}, {Counter: 1}} {
		edit, err := s.Sign(t.Context(), signer.SignRequest{Format: f, Level: levelT, ContentStamp: f.Parallel}, signed)
		require.NoError(t, err)
		require.Positive(t, edit.Keep)
		signed = input(string(copyBytes(t, edit.Apply(signed, "hello.p7s"))))
		signed.Detached = []formats.Input{content}
	}
	for _, sig := range parse(t, copyBytes(t, signed), 2) {
		require.Len(t, sig.Counter, 1)
		require.Len(t, sig.Evidence.Timestamps, 2)
		require.Equal(t, formats.ContentTimestamp, sig.Evidence.Timestamps[1].Kind)
	}
	for name, r := range map[string]signer.SignRequest{
		"a PDF":             {Format: pades.Preparer{}, Level: levelT, ContentStamp: true},
		"over a value":      {Format: cades.Preparer{Counter: 1}, Level: levelT, ContentStamp: true},
		"none that fits":    {Format: cades.Preparer{Counter: 9}, Level: levelT},
		"beside what is no": {Format: cades.Preparer{Parallel: true, Attached: true}, Level: levelT},
	} {
		_, err := s.Sign(t.Context(), r, signed)
		require.Error(t, err, name)
	}
	none := newService(t, p, nil, "file")
	_, err = none.Sign(t.Context(), signer.SignRequest{Format: cades.Preparer{}, Level: formats.LevelB, ContentStamp: true}, content)
	require.ErrorContains(t, err, "no time-stamp authority")
	lying := newService(t, p, func(c *signer.Config) {
		c.Timestamper = stamper(func(h pki.Hash, imprint []byte) ([]byte, error) {
			return authority.Timestamp(t.Context(), h, h.Sum(imprint))
		})
	}, "file")
	_, err = lying.Sign(t.Context(), signer.SignRequest{Format: cades.Preparer{}, Level: formats.LevelB, ContentStamp: true}, content)
	require.ErrorContains(t, err, "not over this content")
}
