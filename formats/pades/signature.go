package pades

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/internal/pdf"
	"tamga/pki/cms"
)

// The values of /SubFilter (ISO 32000-2 table 260).
const (
	filterPPKLite     = "Adobe.PPKLite"
	subFilterCAdES    = "ETSI.CAdES.detached"
	subFilterPKCS7    = "adbe.pkcs7.detached"
	subFilterRFC3161  = "ETSI.RFC3161"
	subFilterSHA1     = "adbe.pkcs7.sha1"    // read, never written
	subFilterX509     = "adbe.x509.rsa_sha1" // read, never written
	kindDocumentStamp = "document time-stamp"
)

// signature reduces a signed field to facts. Whatever is wrong ends as a fatal
// defect: a signature is never passed over.
func (d *document) signature(fl field) formats.Signature {
	sub := fl.value.Get("SubFilter").Name()
	sig := formats.Signature{Name: printable(fl.name), Kind: kindOf(sub)}
	d.placed = append(d.placed, place{contents: fl.value.Get("Contents").Raw, at: -1})
	if defect := d.reduce(&sig, fl, sub); defect != nil {
		sig.Defects = append(sig.Defects, *defect)
	}
	// The field and the dictionary speak for the PDF; the CMS has no say.
	sig.Name, sig.Kind = printable(fl.name), kindOf(sub)
	claimed(&sig.Claims, fl.value)
	if fl.kind != "Sig" {
		sig.Defects = append(sig.Defects, formats.Defect{
			Clause: "ISO 32000-2 12.7.5.5", Text: "a signature in a field that is no signature field", Fatal: true})
	}
	return sig
}

func kindOf(sub string) string {
	switch sub {
	case subFilterRFC3161:
		return kindDocumentStamp
	case subFilterCAdES:
		return "PAdES (" + sub + ")"
	case "":
		return "PDF signature without /SubFilter"
	}
	return fmt.Sprintf("PDF signature (%.40s)", sub)
}

// reduce fills in sig and returns the first fatal defect.
func (d *document) reduce(sig *formats.Signature, fl field, sub string) *formats.Defect {
	signed, defect := readByteRange(fl.value, d.in.Size)
	if defect != nil {
		return defect
	}
	at := d.revisionEnding(signed.end)
	if at < 0 {
		return refuse(clauseRange, "/ByteRange ends at %d, where no revision of the file ends", signed.end)
	}
	sig.Coverage = d.coverage(at, signed.end)
	d.placed[len(d.placed)-1].signed, d.placed[len(d.placed)-1].at = signed, at
	raw, defect := decodeContents(fl.value.Get("Contents").Raw)
	if defect != nil {
		return defect
	}
	if sub == subFilterX509 {
		return d.bare(sig, fl.value, raw, signed)
	}
	switch sub {
	case subFilterRFC3161:
		return d.documentStamp(sig, raw, signed)
	case subFilterCAdES, subFilterPKCS7, subFilterSHA1:
		return d.cms(sig, raw, signed, sub)
	}
	return refuse("EN 319 142-1 6.3", "/SubFilter %q is not supported", printable(sub))
}

// cms reads a detached CMS.
func (d *document) cms(sig *formats.Signature, raw []byte, signed byteRange, sub string) *formats.Defect {
	sd, err := cms.ParseWith(d.in.Memo, raw)
	if err != nil {
		return refuse("RFC 5652 5.1", "the CMS cannot be read: %v", err)
	}
	if sd.Attached != (sub == subFilterSHA1) {
		// Content inside could be what was signed, with the PDF around it anything.
		if sub == subFilterSHA1 {
			return refuse("ISO 32000-1 12.8.3.3.1", "the CMS lacks the digest of the document")
		}
		return refuse("EN 319 142-1 6.3", "the CMS holds content of its own")
	}
	if sd.ContentType != cms.OIDData {
		return refuse("EN 319 142-1 6.3", "the CMS is over content of type %s, not data", sd.ContentType)
	}
	if len(sd.Signers) != 1 {
		return refuse("EN 319 142-1 6.3", "the CMS has %d signers where a PDF signature has one", len(sd.Signers))
	}
	coverage := sig.Coverage
	if sub == subFilterSHA1 {
		*sig = d.overDigest(sd, signed)
	} else {
		facts := cades.SignatureFacts
		if sub == subFilterPKCS7 && d.file.HeaderOffset() == 0 {
			// Programs of before PAdES wrote no signed attributes. What begins as a
			// PDF cannot be attributes that were signed elsewhere.
			facts = cades.DirectFacts
		}
		*sig = facts(sd, 0, signed.open(d.in))
		cades.Over(sig, &d.in, signed.part())
	}
	sig.Coverage = coverage
	if sub == subFilterCAdES && !sig.Claims.Time.IsZero() {
		sig.Defects = append(sig.Defects, formats.Defect{
			Clause: "EN 319 142-1 6.3", Text: "the CMS has a signing-time attribute, which PAdES leaves to /M"})
	}
	return nil
}

// documentStamp reads a document time-stamp (EN 319 142-1 §5.4.3).
func (d *document) documentStamp(sig *formats.Signature, raw []byte, signed byteRange) *formats.Defect {
	ts, err := cades.ParseTimestampWith(d.in.Memo, formats.DocumentTimestamp, raw, signed.open(d.in))
	if err != nil {
		return refuse("EN 319 142-1 5.4.3", "the time-stamp token cannot be read: %v", err)
	}
	coverage := sig.Coverage
	cades.OverStamp(&ts, &d.in, signed.part())
	*sig = ts.Signature
	sig.Coverage, sig.Stamp = coverage, &ts
	sig.Claims.Time = ts.Time
	return nil
}

// claimed reads what the signature dictionary says (ISO 32000-2 table 255).
// Anybody can write any name there: it is never who signed.
func claimed(c *formats.Claims, dict pdf.Value) {
	if t := parseDate(dict.Get("M").Text()); !t.IsZero() {
		c.Time = t
	}
	for _, text := range []struct {
		to  *string
		key string
	}{{&c.Name, "Name"}, {&c.Reason, "Reason"}, {&c.Location, "Location"}} {
		if s := dict.Get(text.key).Text(); s != "" {
			*text.to = printable(s)
		}
	}
}

// printable makes a stranger's text fit for one line on a terminal.
func printable(s string) string {
	out := make([]rune, 0, min(len(s), 256))
	for _, r := range s {
		if len(out) == 256 {
			return string(out) + "…"
		}
		if !isPlain(r) {
			r = '\uFFFD'
		}
		out = append(out, r)
	}
	return string(out)
}
