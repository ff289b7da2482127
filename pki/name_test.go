package pki_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
	"tamga/pki/pkitest"
)

// attribute is a type, a string type and characters as they are encoded.
type attribute struct {
	oid   string
	tag   cbasn1.Tag
	value string
}

// name writes a Name of RDNs in the order given; DER would sort an RDN.
func name(rdns ...[]attribute) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, rdn := range rdns {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, a := range rdn {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(pki.MustOID(a.oid))
						b.AddASN1(a.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.value)) })
					})
				}
			})
		}
	})
	return b.BytesOrPanic()
}

// cn is a name of one common name.
func cn(tag cbasn1.Tag, value string) []byte { return name([]attribute{{"2.5.4.3", tag, value}}) }

func bmp(s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return string(out)
}

const (
	tagBMP       = cbasn1.Tag(30)
	tagUniversal = cbasn1.Tag(28)
	tagNumeric   = cbasn1.Tag(18)
)

func TestSameName(t *testing.T) {
	utf8, printable, t61, ia5 := cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.T61String, cbasn1.IA5String
	for _, c := range []struct {
		why  string
		a, b []byte
		same bool
	}{
		{"string type", cn(utf8, "Alice"), cn(printable, "Alice"), true},
		{"case", cn(utf8, "ALICE"), cn(printable, "alice"), true},
		{"case beyond ASCII", cn(utf8, "ОЛЕНА Їжак"), cn(utf8, "олена їЖАК"), true},
		{"sharp s folds to two", cn(utf8, "Straße"), cn(utf8, "STRASSE"), true},
		{"composed and not", cn(utf8, "\u00e9"), cn(utf8, "e\u0301"), true},
		{"compatible characters", cn(utf8, "\ufb01n"), cn(utf8, "fin"), true},
		{"runs of space", cn(utf8, "  a \t b  "), cn(printable, "a b"), true},
		{"no-break space", cn(utf8, "a\u00a0b"), cn(printable, "a b"), true},
		{"wide string types", cn(tagBMP, bmp("Їжак")), cn(utf8, "їжак"), true},
		{"digits", cn(tagNumeric, "12"), cn(ia5, "12"), true},
		{"space in a word", cn(utf8, "ab"), cn(utf8, "a b"), false},
		{"other letters", cn(utf8, "Alice"), cn(utf8, "Alica"), false},
		{"letters that only look alike", cn(utf8, "Олена"), cn(utf8, "Oлена"), false},
		{"Teletex is compared by bytes", cn(t61, "Alice"), cn(utf8, "Alice"), false},
		{"Teletex, the same", cn(t61, "Alice"), cn(t61, "Alice"), true},
		{"Teletex, case", cn(t61, "Alice"), cn(t61, "alice"), false},
		{"an invisible character", cn(utf8, "Ali\u200bce"), cn(utf8, "Alice"), false},
		{"a NUL", cn(utf8, "Alice\x00"), cn(utf8, "Alice"), false},
		{"a soft hyphen", cn(utf8, "Ali\u00adce"), cn(utf8, "Alice"), false},
		{"other octets in UTF-8", cn(utf8, "\xff"), cn(utf8, "\xfe"), false},
		{"an odd BMPString", cn(tagBMP, "\x00a\x00"), cn(utf8, "a"), false},
		{"a surrogate", cn(tagBMP, "\xd8\x00"), cn(tagBMP, "\xd8\x01"), false},
		{"a character beyond Unicode", cn(tagUniversal, "\x00\x11\x00\x00"), cn(utf8, "\ufffd"), false},
		{"attribute type", cn(utf8, "a"), name([]attribute{{"2.5.4.10", utf8, "a"}}), false},
		{"an RDN more", cn(utf8, "a"),
			name([]attribute{{"2.5.4.3", utf8, "a"}}, []attribute{{"2.5.4.3", utf8, "a"}}), false},
		{"order of RDNs",
			name([]attribute{{"2.5.4.6", utf8, "EE"}}, []attribute{{"2.5.4.3", utf8, "a"}}),
			name([]attribute{{"2.5.4.3", utf8, "a"}}, []attribute{{"2.5.4.6", utf8, "EE"}}), false},
		{"an RDN is a set",
			name([]attribute{{"2.5.4.3", utf8, "B"}, {"2.5.4.6", utf8, "a"}}),
			name([]attribute{{"2.5.4.6", printable, "A"}, {"2.5.4.3", utf8, "b"}}), true},
		{"one RDN of two is not two of one",
			name([]attribute{{"2.5.4.3", utf8, "b"}, {"2.5.4.6", utf8, "a"}}),
			name([]attribute{{"2.5.4.3", utf8, "b"}}, []attribute{{"2.5.4.6", utf8, "a"}}), false},
		{"twice is not once",
			name([]attribute{{"2.5.4.3", utf8, "b"}, {"2.5.4.3", printable, "B"}}), cn(utf8, "b"), false},
		{"no names, the same", []byte{1}, []byte{1}, true},
		{"no names, others", []byte{1}, []byte{2}, false},
	} {
		require.Equal(t, c.same, pki.SameName(c.a, c.b), c.why)
		require.Equal(t, c.same, pki.SameName(c.b, c.a), c.why)
	}
}

// An excluded subtree must also meet those names that cannot be told from it.
func TestSubtrees(t *testing.T) {
	utf8 := cbasn1.UTF8String
	parse := func(der []byte) pki.Name {
		n, err := pki.ParseName(der)
		require.NoError(t, err)
		return n
	}
	country := []attribute{{"2.5.4.6", cbasn1.PrintableString, "EE"}}
	person := []attribute{{"2.5.4.3", utf8, "Mari"}}
	base, below := parse(name(country)), parse(name(country, person))
	require.True(t, below.Within(base))
	require.True(t, base.Within(base))
	require.True(t, base.Within(pki.Name{}))
	require.False(t, base.Within(below))
	require.False(t, parse(name(person, country)).Within(base))
	for _, hidden := range []attribute{
		{"2.5.4.3", cbasn1.T61String, "mari"}, {"2.5.4.3", utf8, "Ma\u200bri"}, {"2.5.4.3", utf8, "Mari\x00"},
	} {
		n := parse(name(country, []attribute{hidden}))
		require.False(t, n.Within(below), hidden)
		require.True(t, n.MayBeWithin(below), hidden)
	}
	require.False(t, parse(name(country, []attribute{{"2.5.4.3", utf8, "Mary"}})).MayBeWithin(below))
}

// TestVectorsBoringSSLNames compares each of BoringSSL's names with each other.
// A file name tells string type, mangling and defect; two are the same name if
// they have the same defect and types that RFC 5280 §7.1 tells how to compare.
func TestVectorsBoringSSLNames(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(
		pkitest.Corpus(t, filepath.Join("boringssl-pki", "verify_name_match_unittest", "names")), "*.pem"))
	require.NoError(t, err)
	mangled := regexp.MustCompile(`-(PRINTABLESTRING|UTF8|BMPSTRING|UNIVERSALSTRING)` +
		`-(unmangled|case_swap|extra_whitespace)`)
	class := func(file string) string { // equal names have the same
		s := mangled.ReplaceAllString(strings.TrimSuffix(filepath.Base(file), ".pem"), "-any")
		return strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(s, "-unnormalized"), "-normalized"), "_12")
	}
	tally := pkitest.Tally{Name: "boringssl-names"}
	ders := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		block, _ := pem.Decode(data)
		ders[file] = block.Bytes
		base := filepath.Base(file)
		_, err = pki.ParseName(block.Bytes)
		tally.Case(t, base, (err == nil) == !strings.HasPrefix(base, "invalid-"), "")
	}
	for i, a := range files {
		for _, b := range files[i:] {
			if strings.Contains(a, "invalid-") || strings.Contains(b, "invalid-") {
				continue
			}
			same := pki.SameName(ders[a], ders[b])
			tally.Case(t, filepath.Base(a)+" "+filepath.Base(b), same == (class(a) == class(b)), "")
		}
	}
	tally.Report(t)
}

// FuzzName holds that equality is symmetric, is what its key says, and implies
// being within; that the case of printable text does not count; and that what
// is not DER equals only itself.
func FuzzName(f *testing.F) {
	utf8 := cbasn1.UTF8String
	f.Add(cn(utf8, "Alice"), cn(cbasn1.PrintableString, " ALICE "))
	f.Add(name([]attribute{{"2.5.4.3", utf8, "b"}, {"2.5.4.6", utf8, "a"}}), cn(tagBMP, bmp("Їжак")))
	f.Add(cn(cbasn1.T61String, "\xe9"), cn(utf8, "\u00e9\u200b"))
	f.Add([]byte{0x30, 0}, []byte{0x30, 2, 0x31, 0})
	f.Add(cn(cbasn1.PrintableString, " AL\x00CE "), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		same := pki.SameName(a, b)
		if same != pki.SameName(b, a) {
			t.Fatal("not symmetric")
		}
		x, errX := pki.ParseName(a)
		y, errY := pki.ParseName(b)
		if errX != nil || errY != nil {
			if same != bytes.Equal(a, b) {
				t.Fatal("what is no name equals something else")
			}
			return
		}
		if same != x.Equal(y) || same != (x.Key() == y.Key()) {
			t.Fatal("three comparisons disagree")
		}
		if same && !(x.Within(y) && y.Within(x) && x.MayBeWithin(y)) {
			t.Fatal("equal, and not within")
		}
		if x.Within(y) && !x.MayBeWithin(y) {
			t.Fatal("within, and yet it may not be")
		}
		if swapped, ok := swapCase(a); ok && !pki.SameName(a, swapped) {
			t.Fatalf("case counts: %x %x", a, swapped)
		}
	})
}

// swapCase rewrites the ASCII letters of PrintableStrings in a name that
// encoding/asn1 reads, so that another reader finds the strings.
func swapCase(der []byte) ([]byte, bool) {
	var rdns []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return nil, false
	}
	out := slices.Clone(der)
	for _, rdn := range rdns {
		for rest := rdn.Bytes; len(rest) > 0; {
			var one struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			var err error
			if rest, err = asn1.Unmarshal(rest, &one); err != nil {
				return nil, false
			}
			if one.Value.Class != 0 || one.Value.Tag != asn1.TagPrintableString || one.Value.IsCompound ||
				bytes.Count(der, one.Value.FullBytes) != 1 ||
				bytes.ContainsFunc(one.Value.Bytes, func(r rune) bool { return r < ' ' || '~' < r }) { // not text: equal only to itself
				continue
			}
			at := bytes.Index(der, one.Value.FullBytes) + len(one.Value.FullBytes) - len(one.Value.Bytes)
			for i, c := range one.Value.Bytes {
				if 'a' <= c|0x20 && c|0x20 <= 'z' {
					out[at+i] = c ^ 0x20
				}
			}
		}
	}
	return out, true
}
