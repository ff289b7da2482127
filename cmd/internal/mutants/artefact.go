package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/tsa"
)

// artefact is an original, and how a mutant of it is judged.
type artefact struct {
	name     string
	original []byte
	twin     []byte // alike, by another signer, over something else; may be nil
	layers   func(doc []byte) []layer
	judge    func(ctx context.Context, mutant []byte) (said string, valid bool, err error)
	never    bool     // the original is evidence against a document, and no mutant may save it
	said     []string // what the original says, and what the twin says
}

// order is a document to be made.
type order struct {
	name     string
	by       string
	use      pki.Use
	with     formats.Preparer
	in       []byte
	raw      bool // JOSE and COSE
	level    formats.Level
	detached bool
	holder   string // who proves to hold the SD-JWT
	layers   func([]byte) []layer
}

// orders are documents by one signer of each kind, or by the others over
// something else.
func (h *house) orders(twin bool) []order {
	text, given, who := []byte("I owe you one horse."), "Коваль", func(one, _ string) string { return one }
	if twin {
		text, given, who = []byte("I owe you two cows."), "Шевченко", func(_, other string) string { return other }
	}
	file := func(name, by string, in []byte, level formats.Level) order {
		return order{
			name: name, by: by, use: pki.UseSign, with: cades.Preparer{Attached: true}, in: in, level: level,
			layers: whole(der{}),
		}
	}
	detached := file("cades-detached", who("alice", "bob"), text, formats.LevelB)
	detached.with, detached.detached = cades.Preparer{}, true
	page := file("pades", who("alice", "bob"), page(len(given)), formats.LevelT)
	page.with, page.layers = pades.Preparer{}, hexadecimal
	jwt := h.jwt("sdjwt", who("vci", "vci2"), given)
	bound := h.jwt("sdjwt-bound", who("vci", "vci2"), given)
	bound.holder = "holder"
	return []order{
		file("cades-attached", who("alice", "bob"), text, formats.LevelB),
		detached,
		file("cades-stamped", who("alice", "bob"), text, formats.LevelT),
		file("cades-rsa", who("seal", "seal2"), text, formats.LevelB),
		file("cades-ed25519-ca", who("carol", "dave"), text, formats.LevelB),
		page, h.mdoc(who("issuer", "issuer2"), given), jwt, bound,
	}
}

func (h *house) mdoc(by, name string) order {
	now := h.pki.Now
	return order{name: "mdoc", by: by, use: pki.UseMdoc, raw: true, layers: whole(cbor{}), with: mdoc.Preparer{
		DocType: "org.iso.18013.5.1.mDL", HolderKey: h.pki.Cert("holder").PublicKey,
		Namespaces: []mdoc.Namespace{{Name: "org.iso.18013.5.1", Elements: []mdoc.Element{
			{ID: "family_name", Value: name}, {ID: "birth_date", Value: mdoc.FullDate("1990-01-01")},
		}}},
		ValidFrom: now.Add(-time.Minute), ValidUntil: now.AddDate(0, 3, 0), Random: &counter{},
	}}
}

func (h *house) jwt(name, by, given string) order {
	now := h.pki.Now
	return order{name: name, by: by, use: pki.UseSDJWT, raw: true, layers: compact, with: sdjwt.Preparer{
		Type: "urn:eudi:pid:1", HolderKey: h.pki.Cert("holder").PublicKey,
		Claims:    []sdjwt.Claim{{Name: "family_name", Value: given, Disclose: true}, {Name: "age", Value: 36}},
		ValidFrom: now.Add(-time.Minute), ValidUntil: now.AddDate(0, 3, 0), Random: &counter{},
	}}
}

func (h *house) make(o order) ([]byte, error) {
	half, err := h.sign(o)
	if err != nil {
		return nil, err
	}
	var token []byte
	if o.level == formats.LevelT {
		if token, err = h.token("clock", half.stampInput()); err != nil {
			return nil, err
		}
	}
	doc, err := half.complete(token)
	if err != nil || o.holder == "" {
		return doc, err
	}
	return h.show(o.holder, doc)
}

// half is a document that has been signed and not yet stamped.
type half struct {
	order
	pending *formats.Pending
	value   []byte
}

func (h *house) sign(o order) (*half, error) {
	cert := h.pki.Cert(o.by)
	alg, err := pki.DefaultAlgorithm(cert.PublicKey)
	if o.raw {
		alg, err = pki.DefaultRawAlgorithm(cert.PublicKey)
	}
	if err != nil {
		return nil, err
	}
	pending, err := o.with.Prepare(input(o.in), formats.Params{
		Algorithm: alg, Chain: h.pki.Chain(o.by), Time: h.pki.Now.Add(-time.Hour), Level: o.level,
	})
	if err != nil {
		return nil, err
	}
	value, err := h.pki.Key(o.by, o.use).Sign(h.ctx, o.use, alg, pending.ToBeSigned)
	return &half{o, pending, value}, err
}

func (s *half) stampInput() []byte { return s.with.StampInput(s.pending, s.value) }

func (s *half) complete(token []byte) ([]byte, error) {
	edit, err := s.with.Complete(s.pending, formats.Completion{Value: s.value, Timestamp: token})
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(s.in[:edit.Keep]), edit.Tail...), nil
}

func (h *house) token(who string, over []byte) ([]byte, error) {
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: h.pki.Key(who, pki.UseTimestamp), Policy: "1.3.6.1.4.1.99999.1", Now: h.pki.Clock(),
	})
	if err != nil {
		return nil, err
	}
	return authority.Timestamp(h.ctx, pki.SHA256, pki.SHA256.Sum(over))
}

// show adds the holder's proof (RFC 9901 §4.3), which no package of ours makes.
func (h *house) show(who string, doc []byte) ([]byte, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	over := b64([]byte(`{"alg":"ES256","typ":"kb+jwt"}`)) + "." + b64(fmt.Appendf(nil,
		`{"iat":%d,"aud":"https://verifier.test","nonce":"1","sd_hash":%q}`, h.pki.Now.Unix(), b64(pki.SHA256.Sum(doc))))
	value, err := h.pki.Key(who, pki.UseSign).Sign(h.ctx, pki.UseSign, pki.ES256, []byte(over))
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(doc), over+"."+b64(value)...), nil
}
