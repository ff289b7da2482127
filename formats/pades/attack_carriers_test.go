package pades_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
)

func approve(t testing.TB, b []byte) []byte { return sign(t, b, pades.Preparer{Reason: "seen"}) }

func certifyAs(p pades.Permission) func(testing.TB, []byte) []byte {
	return func(t testing.TB, b []byte) []byte { return sign(t, b, pades.Preparer{Certify: p, Reason: "seen"}) }
}

// rich is a document with what attacks are about: a form with a text, a check
// box and an empty signature field, a layer, a picture, a drawn part, an
// annotation, an attachment, metadata and an outline.
func rich() []byte {
	xmp := "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:title>Deal" +
		"</dc:title></x:xmpmeta><?xpacket end='w'?>"
	font := "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
	state := func(s string) string {
		return fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length %d >>\nstream\n%s\nendstream", len(s), s)
	}
	return document(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R /Metadata 14 0 R /OCProperties 15 0 R "+
			"/Names << /EmbeddedFiles << /Names [(a.txt) 17 0 R] >> >> /Outlines 19 0 R /Lang (en) >>",
		"<< /Type /Pages /Kids [3 0 R 20 0 R] /Count 2 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 400] /Contents 4 0 R /Annots [9 0 R 10 0 R 11 0 R 13 0 R] "+
			"/Resources << /Font << /F 5 0 R >> /XObject << /P 6 0 R /D 7 0 R >> /Properties << /L 16 0 R >> >> >>",
		stream("BT /F 20 Tf 20 340 Td (Pay 100 euro) Tj ET q 40 0 0 40 20 280 cm /P Do Q q 1 0 0 1 100 280 cm /D Do Q "+
			"/OC /L BDC BT /F 12 Tf 20 250 Td (to Alice) Tj ET EMC"),
		font,
		"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n"+
			"stream\nA\nendstream",
		"<< /Type /XObject /Subtype /Form /BBox [0 0 90 40] /Resources << /Font << /F 5 0 R >> >> /Length 35 >>\nstream\n"+
			"BT /F 10 Tf 0 0 Td (by noon) Tj ET \nendstream",
		"<< /Fields [9 0 R 10 0 R 11 0 R] /DA (/F 10 Tf 0 g) /DR << /Font << /F 5 0 R >> >> >>",
		"<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /Rect [20 200 120 220] /P 3 0 R /DA (/F 10 Tf 0 g) >>",
		"<< /Type /Annot /Subtype /Widget /FT /Btn /T (agree) /Rect [20 170 30 180] /P 3 0 R /V /Off /AS /Off "+
			"/AP << /N << /Yes 12 0 R /Off 18 0 R >> >> >>",
		"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /Rect [20 20 200 80] /P 3 0 R >>",
		state("0 0 10 10 re f"),
		"<< /Type /Annot /Subtype /Square /Rect [300 300 340 340] /AP << /N 18 0 R >> /P 3 0 R /Contents (a box) >>",
		fmt.Sprintf("<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream", len(xmp), xmp),
		"<< /OCGs [16 0 R] /D << /ON [16 0 R] /OFF [] >> >>",
		"<< /Type /OCG /Name (who) >>",
		"<< /Type /Filespec /F (a.txt) /EF << /F 18 0 R >> >>",
		state("0 0 10 10 re S"),
		"<< /Type /Outlines /Count 0 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 400] /Contents 21 0 R /Resources << /Font << /F 5 0 R >> >> >>",
		stream("BT /F 20 Tf 20 340 Td (Terms) Tj ET"),
	)
}

// carriers are documents of several makers, signed in every way that matters.
func carriers(t testing.TB) []*carrier {
	t.Helper()
	var out []*carrier
	files := samples(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, &carrier{name: name, plain: files[name], sign: approve})
	}
	add := func(name string, b []byte, level pades.Permission, sign func(testing.TB, []byte) []byte) {
		out = append(out, &carrier{name: name, plain: b, level: level, sign: sign})
	}
	for p := pades.NoChanges; p <= pades.Annotate; p++ {
		add(fmt.Sprintf("rich, certified %d", p), rich(), p, certifyAs(p))
		add(fmt.Sprintf("form, certified %d", p), files["libreoffice-form.pdf"], p, certifyAs(p))
		add(fmt.Sprintf("object streams, certified %d", p), files["qpdf-form-objstm.pdf"], p, certifyAs(p))
	}
	add("rich", rich(), 0, approve)
	lock := &pades.Lock{Action: pades.LockAll}
	add("rich, certified 2, locked", rich(), pades.FillForms, func(t testing.TB, b []byte) []byte {
		return sign(t, b, pades.Preparer{Certify: pades.FillForms, Lock: lock, Reason: "seen"})
	})
	out[len(out)-1].locked = true
	add("by hand", page(), 0, approve)
	add("two signatures", files["chromium.pdf"], 0, func(t testing.TB, b []byte) []byte {
		return signAs(t, approve(t, b), pades.Preparer{}, "bob")
	})
	add("certified and approved", files["cairo.pdf"], pades.Annotate, func(t testing.TB, b []byte) []byte {
		return signAs(t, certifyAs(pades.Annotate)(t, b), pades.Preparer{}, "carol")
	})
	add("visible", files["libreoffice.pdf"], 0, func(t testing.TB, b []byte) []byte { return sign(t, b, shown) })
	add("visible twice", files["qpdf-objstm.pdf"], 0, func(t testing.TB, b []byte) []byte {
		once, second := sign(t, b, shown), shown
		if _, err := second.Prepare(input(once), params(t, signer(t, "bob"))); err != nil {
			second.Appearance = nil // something was planted over the page
		}
		return signAs(t, once, second, "bob")
	})
	add("in its field", rich(), 0, func(t testing.TB, b []byte) []byte {
		return sign(t, b, pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{NoText: true, QR: "x"}})
	})
	add("B-T", files["cairo.pdf"], 0, func(t testing.TB, b []byte) []byte { return stamped(t, b, pades.Preparer{}) })
	add("B-LTA", files["qpdf-linearized.pdf"], 0, func(t testing.TB, b []byte) []byte { return lta(t, approve(t, b)) })
	add("B-LTA, certified 1", files["libreoffice.pdf"], pades.NoChanges, func(t testing.TB, b []byte) []byte {
		return lta(t, certifyAs(pades.NoChanges)(t, b))
	})
	encrypted, err := os.ReadFile("../../testdata/pdf/qpdf-encrypted.pdf")
	require.NoError(t, err)
	out = append(out, &carrier{name: "encrypted", plain: encrypted, password: "throwaway",
		sign: func(t testing.TB, b []byte) []byte {
			return signLocked(t, b, "throwaway", pades.Preparer{Reason: "seen"})
		}})
	return out
}

// lta adds evidence and a document time-stamp.
func lta(t testing.TB, b []byte) []byte {
	t.Helper()
	p := authority()(t)
	evidence := formats.Evidence{
		Certificates: append(p.Chain("alice"), p.Cert("root")),
		Revocations:  []pki.Revocation{{Kind: pki.CRL, Raw: p.CRL("ca")}},
	}
	return lifted(t, embedded(t, b, formats.Embedding{Signature: 0, Evidence: evidence}))
}
