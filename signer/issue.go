package signer

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"slices"
	"time"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/signer/profile"
)

// herd is the unit to which times in documents are rounded down. All who are
// served within it share their times (ARF 3.0 ISSU_36).
const herd = time.Hour

// IssueRequest is a wish for one identity document.
type IssueRequest struct {
	Type      string           // a name of Config.Types
	Claims    []byte           // a JSON object
	Formats   []formats.ID     // empty: all of the type
	HolderKey crypto.PublicKey // to which the document is bound
}

// Issued is a document in one format.
type Issued struct {
	Format     formats.ID
	Type       string
	Document   []byte
	ValidFrom  time.Time
	ValidUntil time.Time
}

// Issue makes the document in each format, all of one validity, or none. The
// error wraps [ErrUnknownType], [ErrClaims] or [pki.ErrKeyNotFound] where the
// caller can do something; nothing of the claims' values is in it.
func (s *Service) Issue(ctx context.Context, r IssueRequest) ([]Issued, error) {
	typ, ok := s.cfg.Types.ByName(r.Type)
	if !ok {
		return nil, fmt.Errorf("issuing: %w", ErrUnknownType)
	}
	ids, err := issuedAs(typ, r.Formats)
	if err != nil {
		return nil, fmt.Errorf("issuing %s: %w", r.Type, err)
	}
	if r.HolderKey == nil {
		return nil, fmt.Errorf("issuing %s: no key of its holder", r.Type)
	}
	i := issue{s: s, typ: typ, holder: r.HolderKey, now: s.cfg.Now().UTC()}
	jobs, err := i.plan(ids)
	if err != nil {
		return nil, fmt.Errorf("issuing %s: %w", r.Type, err)
	}
	i.claims, err = typ.Read(r.Claims, profile.Occasion{
		Issuer: s.cfg.Issuer, From: i.from, Until: i.from.Add(typ.Validity()),
	})
	if err != nil {
		return nil, fmt.Errorf("issuing %s: %w", r.Type, err)
	}
	until := i.claims.Until()
	if !until.After(i.now) {
		return nil, fmt.Errorf("issuing %s: it would be over before it began", r.Type)
	}
	for _, j := range jobs {
		if err := inForce(j.key, i.now, until); err != nil {
			return nil, fmt.Errorf("issuing %s: %w", r.Type, err)
		}
	}
	var out []Issued
	for _, j := range jobs {
		doc, err := i.document(ctx, j)
		if err != nil {
			return nil, fmt.Errorf("issuing %s as %s: %w", r.Type, j.id, err)
		}
		out = append(out, Issued{j.id, r.Type, doc, i.from, until})
	}
	return out, nil
}

// issuedAs returns the wanted formats, or all, if the type has them.
func issuedAs(typ *profile.Type, wanted []formats.ID) ([]formats.ID, error) {
	if len(wanted) == 0 {
		return typ.Formats(), nil
	}
	for i, id := range wanted {
		if !slices.Contains(typ.Formats(), id) {
			return nil, fmt.Errorf("not as %.20q: %w", id, ErrUnknownType)
		}
		if slices.Contains(wanted[:i], id) {
			return nil, fmt.Errorf("as %q twice: %w", id, ErrUnknownType)
		}
	}
	return wanted, nil
}

// issue is one document on its way.
type issue struct {
	s      *Service
	typ    *profile.Type
	claims *profile.Claims
	holder crypto.PublicKey
	now    time.Time
	from   time.Time
}

// planned is a format with what will sign it.
type planned struct {
	id  formats.ID
	use pki.Use
	key *pki.Key
	alg pki.Algorithm
}

// plan finds a key for each format before anything is signed, and sets when
// validity begins: at the full hour, but not before the certificates that
// speak for it (ISO 18013-5 9.3.1 wants "signed" within them; a certificate
// made in this hour is shared as well as the hour is).
func (i *issue) plan(ids []formats.ID) ([]planned, error) {
	i.from = i.now.Truncate(herd)
	var out []planned
	for _, id := range ids {
		p, named := planned{id: id, use: pki.UseMdoc}, namedByCOSE
		if id == formats.SDJWT {
			p.use, named = pki.UseSDJWT, namedByJOSE
		}
		var err error
		if p.key, err = i.s.key("", p.use); err != nil {
			return nil, err
		}
		if p.alg, err = algorithm(p.key, p.use, pki.UnknownAlgorithm, named); err != nil {
			return nil, err
		}
		if err := inForce(p.key, i.now, i.now); err != nil {
			return nil, err
		}
		for _, c := range p.key.Chain() {
			if c.NotBefore.After(i.from) {
				i.from = c.NotBefore.UTC()
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// document makes the document in one format.
func (i *issue) document(ctx context.Context, p planned) ([]byte, error) {
	nothing := formats.Input{Name: i.typ.Name() + "." + string(p.id), ReaderAt: bytes.NewReader(nil)}
	edit, err := i.s.make(ctx, job{
		format: i.preparer(p.id), key: p.key, use: p.use,
		params: formats.Params{Algorithm: p.alg, Chain: p.key.Chain(), Time: i.from},
	}, nothing)
	if err != nil {
		return nil, err
	}
	return edit.Tail, nil
}

func (i *issue) preparer(id formats.ID) formats.Preparer {
	until, random := i.claims.Until(), i.s.cfg.Random
	if id == formats.SDJWT {
		return sdjwt.Preparer{
			Type: i.typ.VCT(), Claims: i.claims.SDJWT(), HolderKey: i.holder,
			Issuer: i.s.cfg.Issuer.URI, ValidFrom: i.from, ValidUntil: until, Random: random,
		}
	}
	return mdoc.Preparer{
		DocType: i.typ.DocType(), Namespaces: i.claims.Mdoc(), HolderKey: i.holder,
		ValidFrom: i.from, ValidUntil: until, Random: random,
	}
}
