package signer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/signer"
)

// judge is whoever judges in these tests: it counts the time-stamps and the
// pieces of evidence that the document holds, and believes all of them.
type judge struct {
	p       *pkitest.PKI
	broken  string
	doubt   string
	unknown []string
	deaf    bool // to time-stamps
}

func (j *judge) assess(_ context.Context, in formats.Input) ([]signer.Assessment, error) {
	var parser formats.Parser = cades.Parser{}
	if in.Name == "page.pdf" {
		parser = pades.Parser{}
	}
	doc, err := parser.Parse(in)
	if err != nil {
		return nil, err
	}
	var out []signer.Assessment
	stamps := 0
	for _, sig := range doc.Signatures {
		if sig.Stamp != nil {
			stamps++
		}
	}
	for i, sig := range doc.Signatures {
		if sig.Stamp != nil {
			continue
		}
		a := signer.Assessment{Signature: i, Name: sig.Name, Level: formats.LevelB, Broken: j.broken, Doubt: j.doubt, Unknown: j.unknown}
		count := stamps + len(sig.Evidence.Timestamps)
		switch {
		case count == 0 || j.deaf:
		case len(sig.Evidence.Revocations) == 0:
			a.Level = formats.LevelT
		case count == 1:
			a.Level = formats.LevelLT
		default:
			a.Level = formats.LevelLTA
		}
		if len(sig.Evidence.Revocations) == 0 {
			a.Evidence = formats.Evidence{Certificates: j.p.Chain("file"), Revocations: []pki.Revocation{{Kind: pki.CRL, Raw: j.p.CRL("ca")}}}
		}
		out = append(out, a)
	}
	return out, nil
}

func lifting(t *testing.T, j *judge) *signer.Service {
	j.p = pkitest.New(t, drawing)
	return newService(t, j.p, func(c *signer.Config) {
		a, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: j.p.Key("tsa"), Policy: "1.2.3", Now: j.p.Clock()})
		require.NoError(t, err)
		c.Timestamper, c.Assess = a, j.assess
	}, "file")
}

// Everything that can be signed can be signed for the long term, and what was
// signed before can be lifted: each step adds what is missing, and no more.
func TestExtend(t *testing.T) {
	for name, c := range map[string]struct {
		prepare formats.Preparer
		extend  formats.Extender
		in      formats.Input
		kept    bool // whether the result begins with the input
	}{
		"CMS":          {cades.Preparer{Attached: true}, cades.Extender{}, input("letter"), false},
		"detached CMS": {cades.Preparer{}, cades.Extender{}, input("letter"), false},
		"PDF":          {pades.Preparer{}, pades.Extender{}, page(), true},
	} {
		t.Run(name, func(t *testing.T) {
			j := &judge{}
			s := lifting(t, j)
			if c.kept {
				c.in.Name = "page.pdf"
			}
			signed := func(level formats.Level) formats.Input {
				edit, err := s.Sign(t.Context(), signer.SignRequest{Format: c.prepare, Level: level}, c.in)
				require.NoError(t, err)
				out := edit.Apply(c.in, c.in.Name)
				if edit.Keep == 0 {
					out.Detached = []formats.Input{c.in}
				}
				return out
			}
			level := func(in formats.Input) formats.Level {
				list, err := j.assess(t.Context(), in)
				require.NoError(t, err)
				require.Len(t, list, 1)
				return list[0].Level
			}
			for _, want := range []formats.Level{formats.LevelLT, formats.LevelLTA} {
				require.Equal(t, want, level(signed(want)), "signed at the level at once")
			}
			in := signed(formats.LevelB)
			for _, to := range []formats.Level{formats.LevelT, formats.LevelLT, formats.LevelLTA} {
				r := signer.ExtendRequest{Format: c.extend, To: to}
				edit, err := s.Extend(t.Context(), r, in)
				require.NoError(t, err)
				if c.kept {
					require.Equal(t, in.Size, edit.Keep)
				}
				in = edit.Apply(in, in.Name)
				require.Equal(t, to, level(in))
				edit, err = s.Extend(t.Context(), r, in)
				require.NoError(t, err)
				require.Equal(t, formats.Edit{Keep: in.Size}, edit, "it has the level")
			}
			edit, err := s.Extend(t.Context(), signer.ExtendRequest{Format: c.extend, To: formats.LevelLTA, Renew: true}, in)
			require.NoError(t, err)
			require.NotEmpty(t, edit.Tail, "a renewal adds to what has the level")
		})
	}
}

func TestExtendRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		judge judge
		to    formats.Level
		want  string
	}{
		"a broken signature":        {judge{broken: "HASH_FAILURE"}, formats.LevelT, "is broken (HASH_FAILURE), and nothing was added"},
		"an unknown status":         {judge{unknown: []string{"CN=ca"}}, formats.LevelLT, "whether the certificate of CN=ca is revoked is not known"},
		"an untrusted signature":    {judge{doubt: "NO_CERTIFICATE_CHAIN_FOUND"}, formats.LevelLTA, "not valid (NO_CERTIFICATE_CHAIN_FOUND)"},
		"a time-stamp not believed": {judge{deaf: true}, formats.LevelT, "is the time-stamp authority trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			s := lifting(t, &c.judge)
			in := input("letter")
			made, err := s.Sign(t.Context(), request(cades.Preparer{Attached: true}), in)
			require.NoError(t, err)
			edit, err := s.Extend(t.Context(), signer.ExtendRequest{Format: cades.Extender{}, To: c.to}, made.Apply(in, "letter.p7m"))
			require.ErrorIs(t, err, signer.ErrNotLifted)
			require.ErrorContains(t, err, c.want)
			require.Zero(t, edit)
		})
	}
	j := &judge{}
	s := lifting(t, j)
	_, err := s.Extend(t.Context(), signer.ExtendRequest{Format: pades.Extender{}, To: formats.LevelT}, func() formats.Input {
		in := page()
		in.Name = "page.pdf"
		return in
	}())
	require.ErrorIs(t, err, signer.ErrNotLifted, "it is not signed")
	_, err = s.Extend(t.Context(), signer.ExtendRequest{Format: cades.Extender{}, To: formats.LevelB}, input("x"))
	require.ErrorIs(t, err, formats.ErrUnsupported)
	_, err = s.Extend(t.Context(), signer.ExtendRequest{To: formats.LevelT}, input("x"))
	require.ErrorContains(t, err, "no format")
	bare := newService(t, j.p, nil, "file")
	_, err = bare.Extend(t.Context(), signer.ExtendRequest{Format: cades.Extender{}, To: formats.LevelT}, input("x"))
	require.ErrorContains(t, err, "nobody who judges")
	_, err = bare.Extend(t.Context(), signer.ExtendRequest{Format: cades.Extender{}, To: formats.LevelT, Assess: j.assess}, input("x"))
	require.ErrorContains(t, err, "no time-stamp authority")
}

// A token that does not fit is asked for again, with more room, because an
// authority other than a signer's key may be asked twice; but not for ever.
func TestExtendKeepsMoreRoom(t *testing.T) {
	j := &judge{}
	s := lifting(t, j)
	in := page()
	in.Name = "page.pdf"
	made, err := s.Sign(t.Context(), request(pades.Preparer{}), in)
	require.NoError(t, err)
	signed := made.Apply(in, in.Name)
	edit, err := s.Extend(t.Context(), signer.ExtendRequest{Format: tight{}, To: formats.LevelT}, signed)
	require.NoError(t, err)
	require.NotEmpty(t, edit.Tail)
	_, err = s.Extend(t.Context(), signer.ExtendRequest{Format: tight{always: true}, To: formats.LevelT}, signed)
	require.ErrorIs(t, err, formats.ErrNoRoom)
}

// tight keeps too little room, at first or always.
type tight struct {
	pades.Extender
	always bool
}

func (e tight) PrepareStamp(in formats.Input, p formats.StampParams) (*formats.PendingStamp, error) {
	if p.Size == 0 || e.always {
		p.Size = 10
	}
	return e.Extender.PrepareStamp(in, p)
}

// An extender that loses a signature is found out before anything is released.
func TestExtendLosesNothing(t *testing.T) {
	j := &judge{}
	s := lifting(t, j)
	in := input("letter")
	made, err := s.Sign(t.Context(), request(cades.Preparer{Attached: true}), in)
	require.NoError(t, err)
	another := input("another letter")
	other, err := s.Sign(t.Context(), request(cades.Preparer{Attached: true}), another)
	require.NoError(t, err)
	_, err = s.Extend(t.Context(), signer.ExtendRequest{Format: swapping{with: other.Apply(another, "x")}, To: formats.LevelT}, made.Apply(in, "letter.p7m"))
	require.ErrorContains(t, err, "would be lost")
	require.False(t, errors.Is(err, signer.ErrNotLifted))
}

// swapping puts the time-stamp on another signature.
type swapping struct {
	cades.Extender
	with formats.Input
}

func (e swapping) PrepareStamp(_ formats.Input, p formats.StampParams) (*formats.PendingStamp, error) {
	return e.Extender.PrepareStamp(e.with, p)
}

func (e swapping) CompleteStamp(_ formats.Input, p *formats.PendingStamp, token []byte) (formats.Edit, error) {
	return e.Extender.CompleteStamp(e.with, p, token)
}
