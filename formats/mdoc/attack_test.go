package mdoc_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	require.NoError(t, err)
	return b
}

func tag24(t testing.TB, v any) cbor.RawMessage {
	t.Helper()
	return encode(t, cbor.Tag{Number: 24, Content: encode(t, v)})
}

// shown puts IssuerSigned documents into a DeviceResponse, as a wallet does.
func shown(t testing.TB, issued []byte, docType string, more ...[]byte) []byte {
	t.Helper()
	var list []any
	for _, raw := range append([][]byte{issued}, more...) {
		list = append(list, map[string]any{
			"docType": docType, "issuerSigned": cbor.RawMessage(raw),
			"deviceSigned": map[string]any{
				"nameSpaces": tag24(t, map[string]any{}),
				"deviceAuth": map[string]any{"deviceMac": []any{[]byte{}, map[int]int{}, nil, []byte{1}}},
			},
		})
	}
	return encode(t, map[string]any{"version": "1.0", "documents": list, "status": 0})
}

// parts takes a made document apart, change bends it, and it is put together.
func bend(t testing.TB, raw []byte, change func(spaces map[string][]cbor.RawMessage)) []byte {
	t.Helper()
	var doc foreignIssued
	require.NoError(t, cbor.Unmarshal(raw, &doc))
	change(doc.NameSpaces)
	return encode(t, doc)
}

func parseOne(t testing.TB, raw []byte) formats.Signature {
	t.Helper()
	doc, err := mdoc.Parser{}.Parse(input(raw))
	require.NoError(t, err)
	require.Len(t, doc.Signatures, 1)
	return doc.Signatures[0]
}

func fatal(sig formats.Signature) string {
	var out []string
	for _, d := range sig.Defects {
		if d.Fatal {
			out = append(out, d.Text)
		}
	}
	return strings.Join(out, "\n")
}

// forged is the item raw with another value, everything else as it was.
func forged(t testing.TB, raw []byte, value any) cbor.RawMessage {
	t.Helper()
	var tag cbor.Tag
	require.NoError(t, cbor.Unmarshal(raw, &tag))
	var m map[string]any
	require.NoError(t, cbor.Unmarshal(tag.Content.([]byte), &m))
	m["elementValue"] = value
	return tag24(t, m)
}

// A holder turns age_over_18 around, or the name into another's, under the
// genuine signature of the issuer. isomdl once let that pass, because it
// checked the value over the MSO and forgot the digests.
func TestChangedElement(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	raw := bend(t, made, func(s map[string][]cbor.RawMessage) {
		s[namespace][4] = forged(t, s[namespace][4], false)
	})
	sig := parseOne(t, raw)
	value, agreed := judge(&sig)
	require.True(t, value, "the issuer's signature itself is genuine")
	require.Equal(t, len(sig.References)-1, agreed, "one element has another digest")
}

// The holder takes an element of another document, whose salt and digest are
// genuine there, or moves one to another namespace.
func TestMovedElement(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	other := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	var from foreignIssued
	require.NoError(t, cbor.Unmarshal(other, &from))
	sig := parseOne(t, bend(t, made, func(s map[string][]cbor.RawMessage) {
		s[namespace] = []cbor.RawMessage{from.NameSpaces[namespace][0]}
	}))
	_, agreed := judge(&sig)
	require.Less(t, agreed, len(sig.References))

	sig = parseOne(t, bend(t, made, func(s map[string][]cbor.RawMessage) {
		s["org.elsewhere"] = s[namespace]
		delete(s, namespace)
	}))
	require.Contains(t, fatal(sig), "no digest")
}

// An element twice, or two under one digest: whoever takes the first and
// whoever takes the last would see different documents.
func TestTwice(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	sig := parseOne(t, bend(t, made, func(s map[string][]cbor.RawMessage) {
		s[namespace] = append(s[namespace], s[namespace][0])
	}))
	require.Contains(t, fatal(sig), "family_name stands twice")
	require.Contains(t, fatal(sig), "digestID")

	sig = parseOne(t, bend(t, made, func(s map[string][]cbor.RawMessage) {
		s[namespace] = append(s[namespace], forged(t, s[namespace][0], "Another"))
	}))
	require.Contains(t, fatal(sig), "stands twice")
}

// Withholding is the holder's right; renaming the member so that all elements
// vanish unseen is not.
func TestWithheld(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	sig := parseOne(t, bend(t, made, func(s map[string][]cbor.RawMessage) {
		delete(s, "org.example")
		s[namespace] = s[namespace][4:5]
	}))
	value, agreed := judge(&sig)
	require.True(t, value)
	require.Equal(t, 1, agreed)
	require.Len(t, sig.Credential.Elements, 1)

	var doc map[string]cbor.RawMessage
	require.NoError(t, cbor.Unmarshal(made, &doc))
	delete(doc, "nameSpaces")
	require.Empty(t, fatal(parseOne(t, encode(t, doc))))
	doc["nameSpacer"] = encode(t, map[string]any{})
	require.Contains(t, fatal(parseOne(t, encode(t, doc))), "unknown member")
	doc["nameSpaces"] = encode(t, map[string]any{})
	require.Empty(t, fatal(parseOne(t, encode(t, doc))), "what the second edition adds is let be")
}

// A library card is shown as a driving licence: the docType beside the
// document is the holder's word, the one in the MSO is the issuer's.
func TestShownAsSomethingElse(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	sig := parseOne(t, shown(t, made, docType))
	value, agreed := judge(&sig)
	require.True(t, value)
	require.Equal(t, 12, agreed)
	require.True(t, sig.Credential.Presented)
	sig = parseOne(t, shown(t, made, "org.iso.18013.5.1.mDL"))
	require.Contains(t, fatal(sig), "it is shown as org.iso.18013.5.1.mDL")

	doc, err := mdoc.Parser{}.Parse(input(shown(t, made, docType, made)))
	require.NoError(t, err)
	require.Len(t, doc.Signatures, 2)
	require.Equal(t, "document 2: "+docType, doc.Signatures[1].Name)
	_, err = mdoc.Parser{}.Parse(input(shown(t, made, docType, make([][]byte, 64)...)))
	require.Error(t, err)
}

// Every bit of a document, one at a time: what still holds, value and every
// element, still says the same.
func TestEveryBit(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := preparer(holder(t))
	w.Namespaces[0].Elements = w.Namespaces[0].Elements[:2]
	made := issue(t, p, "ds", pki.ES256, w)
	leaf := p.Cert("ds")
	before := parseOne(t, made)
	tried, held := 0, 0
	for i := range made {
		for bit := range 8 {
			made[i] ^= 1 << bit
			doc, err := mdoc.Parser{}.Parse(input(made))
			if err == nil && len(doc.Signatures) == 1 && fatal(doc.Signatures[0]) == "" {
				sig := &doc.Signatures[0]
				value, agreed := judge(sig)
				if value && agreed == len(sig.References) && sig.Signer.Certificate.Equal(leaf) {
					held++
					require.Equal(t, before.Credential, sig.Credential, "bit %d of byte %d", bit, i)
					require.Equal(t, before.Signed, sig.Signed)
				}
			} else if err != nil {
				require.True(t, errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge) ||
					errors.Is(err, formats.ErrUnsupported), "%v", err)
			}
			made[i] ^= 1 << bit
			tried++
		}
	}
	t.Logf("%d changes, %d still hold and say the same", tried, held)
}

// What a stranger may send: refused at once, with a reason, in little memory.
func TestBadInput(t *testing.T) {
	p := pkitest.New(t, drawing)
	made := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff"
	many := bytes.Repeat([]byte{0x80}, 4097)
	for name, raw := range map[string][]byte{
		"nothing":               nil,
		"random":                []byte("\x93\x01\xfe\xf0\x77"),
		"text":                  []byte("omppc3N1ZXJBdXRo!"),
		"half a text":           []byte(base64.RawURLEncoding.EncodeToString(made)[:1001]),
		"text of many lines":    []byte("omppc3N1\r\nZXJBdXRo"),
		"nested arrays":         bytes.Repeat([]byte{0x81}, 100_000),
		"nested maps":           bytes.Repeat([]byte("\xa1\x61a"), 100_000),
		"nested tags":           bytes.Repeat([]byte{0xd8, 0x18}, 100_000),
		"nested without an end": bytes.Repeat([]byte{0x9f}, 100_000),
		"a huge array":          []byte("\x9b" + huge),
		"a huge map":            []byte("\xbb" + huge),
		"a huge text":           []byte("\xa1\x7b" + huge),
		"a huge byte string":    []byte("\xa2\x6aissuerAuth\x5b" + huge),
		"a huge array inside":   []byte("\xa1\x6aissuerAuth\x9b" + huge),
		"huge nameSpaces":       []byte("\xa2\x6anameSpaces\xbb" + huge),
		"too many documents": append(
			[]byte("\xa3\x67version\x631.0\x66status\x00\x69documents\x99\x10\x01"), many...),
		"a map of nothing":       []byte("\xa0"),
		"both kinds":             append([]byte("\xa2\x67version\x631.0"), made[1:]...),
		"bytes after":            append(bytes.Clone(made), 0),
		"a member twice":         append([]byte("\xa3\x6anameSpaces\xa0"), made[1:]...),
		"no status":              []byte("\xa1\x67version\x631.0"),
		"documents are no array": []byte("\xa3\x67version\x631.0\x66status\x00\x69documents\xa0"),
		"an MSO of nothing":      []byte("\xa1\x6aissuerAuth\x84\x43\xa1\x01\x26\xa0\xf6\x40"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := mdoc.Parser{}.Parse(input(raw))
			require.Error(t, err)
			require.True(t, errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge), "%v", err)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, time.Since(start), time.Minute)
		})
	}
	for n := range made {
		_, err := mdoc.Parser{}.Parse(input(made[:n]))
		require.ErrorIs(t, err, formats.ErrMalformed, "cut at %d", n)
	}
	_, err := mdoc.Parser{}.Parse(formats.Input{ReaderAt: bytes.NewReader(made), Size: 10 << 30})
	require.ErrorIs(t, err, formats.ErrTooLarge)
	_, err = mdoc.Parser{}.Parse(formats.Input{ReaderAt: bytes.NewReader(made), Size: int64(len(made)) + 1})
	require.Error(t, err, "the file shrank")
}

// Base64 has bits to spare at its end. If any would do, one document had many
// texts, and whoever keeps a list of texts could be led around it.
func TestTextIsUnique(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := preparer(holder(t))
	made := issue(t, p, "ds", pki.ES256, w)
	for n := 0; len(made)%3 != 1; n++ {
		w.Namespaces[1].Elements[0].Value = strings.Repeat("x", n)
		made = issue(t, p, "ds", pki.ES256, w)
	}
	text := []byte(base64.RawURLEncoding.EncodeToString(made))
	_, err := mdoc.Parser{}.Parse(input(text))
	require.NoError(t, err)
	_, err = mdoc.Parser{}.Parse(input(append(bytes.Clone(text), "=="...)))
	require.NoError(t, err, "padding is let be")
	text[len(text)-1]++
	_, err = mdoc.Parser{}.Parse(input(text))
	require.ErrorIs(t, err, formats.ErrMalformed)
}

// The largest documents that are read at all, of the costliest content: they
// must not take many times their size.
func TestMemory(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := preparer(holder(t))
	w.Namespaces = []mdoc.Namespace{{Name: namespace, Elements: []mdoc.Element{
		{ID: "portrait", Value: make([]byte, 15<<20)},
	}}}
	portrait := issue(t, p, "ds", pki.ES256, w)
	small := preparer(holder(t))
	small.Namespaces = []mdoc.Namespace{{Name: namespace}}
	for i := range mdoc.MaxElements {
		small.Namespaces[0].Elements = append(small.Namespaces[0].Elements, mdoc.Element{
			ID: fmt.Sprint(i), Value: []any{[]any{[]any{[]any{[]any{[]any{make([]byte, 200)}}}}}}})
	}
	one := issue(t, p, "ds", pki.ES256, small)
	var more [][]byte
	for len(one)*(len(more)+2) < 16<<20 && len(more) < 63 {
		more = append(more, one)
	}
	for name, raw := range map[string][]byte{
		"one portrait":     portrait,
		"thousands of all": shown(t, one, docType, more...),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			doc, err := mdoc.Parser{}.Parse(input(raw))
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.Empty(t, fatal(doc.Signatures[0]))
			require.Less(t, after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc), uint64(200<<20))
			t.Logf("%d bytes, %d documents: %d MiB in all", len(raw), len(doc.Signatures), (after.TotalAlloc-before.TotalAlloc)>>20)
		})
	}
}
