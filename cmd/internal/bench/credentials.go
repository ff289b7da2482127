package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/signer/profile"
)

// person is a specimen with every claim of a PID but the portrait, whose size
// would decide the figure: 26 elements in mdoc, 29 disclosures in SD-JWT.
const person = `{
  "family_name": "Приклад", "given_name": "Зразок", "birth_date": "1990-01-01",
  "place_of_birth": {"country": "UT", "locality": "Вигадане"}, "nationality": ["UT"],
  "resident_address": "1 Example Street, 00000 Sample", "resident_country": "UT", "resident_state": "Example",
  "resident_city": "Sample", "resident_postal_code": "00000", "resident_street": "Example Street",
  "resident_house_number": "1", "personal_administrative_number": "000000000",
  "family_name_birth": "Приклад", "given_name_birth": "Зразок", "sex": 9, "email_address": "a@example.com",
  "mobile_phone_number": "+10005550100", "document_number": "SPECIMEN", "issuing_jurisdiction": "UT-X",
  "trust_anchor": "https://example.com/anchors", "attestation_legal_category": "PID"
}`

// small rounds take milliseconds each, so there can be many.
const smallRounds = 151

// rawSign is the least that a signature can cost us: P-256 over a digest, and
// the check that no faulty value leaves the house.
func (h *house) rawSign() side {
	key := h.pki.Signer("file").(*ecdsa.PrivateKey)
	digest := sha256.Sum256([]byte(person))
	return func() error {
		value, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err == nil && !ecdsa.VerifyASN1(&key.PublicKey, digest[:], value) {
			err = errors.New("crypto/ecdsa refuses its own value")
		}
		return err
	}
}

// rawVerify is n verifications.
func (h *house) rawVerify(n int) (side, error) {
	key := h.pki.Signer("file").(*ecdsa.PrivateKey)
	digest := sha256.Sum256([]byte(person))
	value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return func() error {
		for range n {
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], value) {
				return errors.New("crypto/ecdsa refuses its own value")
			}
		}
		return nil
	}, nil
}

// credential issues one document of one format: claims to bytes, without the
// signer's second reading.
func (h *house) credential(ctx context.Context, id formats.ID) ([]byte, error) {
	from := h.pki.Now.Truncate(time.Hour)
	until := from.Add(h.pid.Validity())
	claims, err := h.pid.Read([]byte(person), profile.Occasion{
		Issuer: profile.Issuer{Authority: "Testimaa Amet", Country: "UT"}, From: from, Until: until,
	})
	if err != nil {
		return nil, err
	}
	key, use, prep := h.mdoc, pki.UseMdoc, formats.Preparer(mdoc.Preparer{
		DocType: h.pid.DocType(), Namespaces: claims.Mdoc(), HolderKey: &h.holder.PublicKey,
		ValidFrom: from, ValidUntil: until, Random: rand.Reader,
	})
	if id == formats.SDJWT {
		key, use, prep = h.sdjwt, pki.UseSDJWT, sdjwt.Preparer{
			Type: h.pid.VCT(), Claims: claims.SDJWT(), HolderKey: &h.holder.PublicKey,
			ValidFrom: from, ValidUntil: until, Random: rand.Reader,
		}
	}
	pending, err := prep.Prepare(input(nil), formats.Params{Algorithm: pki.ES256, Chain: key.Chain(), Time: from})
	if err != nil {
		return nil, err
	}
	value, err := key.Sign(ctx, use, pki.ES256, pending.ToBeSigned)
	if err != nil {
		return nil, err
	}
	edit, err := prep.Complete(pending, formats.Completion{Value: value})
	return edit.Tail, err
}

func mdocIssue(ctx context.Context, h *house) (float64, error) {
	return ratio(ctx, smallRounds, h.rawSign(), func() error {
		_, err := h.credential(ctx, formats.Mdoc)
		return err
	})
}

func sdjwtIssue(ctx context.Context, h *house) (float64, error) {
	return ratio(ctx, smallRounds, h.rawSign(), func() error {
		_, err := h.credential(ctx, formats.SDJWT)
		return err
	})
}

// verify judges a document of which path says how many signatures there are:
// its own, those of its certificates below the anchor, those of their lists.
func (h *house) verify(ctx context.Context, id formats.ID, path int) (float64, error) {
	doc, err := h.credential(ctx, id)
	if err != nil {
		return 0, err
	}
	raw, err := h.rawVerify(path)
	if err != nil {
		return 0, err
	}
	in := input(doc)
	return ratio(ctx, smallRounds, raw, func() error { return h.check(ctx, in) })
}

func mdocVerify(ctx context.Context, h *house) (float64, error) {
	return h.verify(ctx, formats.Mdoc, 1+1+1)
}

func sdjwtVerify(ctx context.Context, h *house) (float64, error) {
	return h.verify(ctx, formats.SDJWT, 1+2+2)
}
