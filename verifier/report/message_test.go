package report_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// Every message speaks every language, and says the same: the same arguments,
// and times as times.
func TestMessagesAgree(t *testing.T) {
	args := []string{"2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z", "3", "4", "5"}
	codes := report.Codes()
	slices.Sort(codes)
	require.Equal(t, slices.Compact(slices.Clone(codes)), codes, "a code has one message")
	for _, code := range codes {
		shown := map[string]string{}
		var uses []string
		for _, lang := range report.Languages() {
			raw, ok := report.Text(lang, code) // without arguments, placeholders stay
			require.True(t, ok)
			require.NotEmpty(t, strings.TrimSpace(raw), "%s in %s", code, lang)
			var have []string
			for _, p := range placeholder.FindAllString(raw, -1) {
				number, kind, _ := strings.Cut(strings.Trim(p, "{}"), ":")
				if kind != "time" {
					kind = ""
				}
				have = append(have, number+kind)
			}
			slices.Sort(have)
			have = slices.Compact(have)
			if uses == nil {
				uses = have
			}
			require.Equal(t, uses, have, "the arguments of %s in %s", code, lang)
			filled, _ := report.Text(lang, code, args...)
			require.NotContains(t, filled, "{", "%s in %s", code, lang)
			shown[lang] = raw
		}
		require.NotEqual(t, shown["en"], shown["uk"], code)
		require.NotEqual(t, shown["en"], shown["et"], code)
		require.Regexp(t, `\p{Cyrillic}`, shown["uk"], code)
		require.NotRegexp(t, `\p{Cyrillic}`, shown["et"]+shown["en"], code)
	}
}

func TestPlural(t *testing.T) {
	for _, c := range []struct{ lang, n, want string }{
		{"en", "1", "1 byte was added"}, {"en", "2", "2 bytes were added"},
		{"uk", "1", "1 байт, що"}, {"uk", "2", "2 байти, що"}, {"uk", "5", "5 байтів, що"},
		{"uk", "11", "11 байтів, що"}, {"uk", "21", "21 байт, що"}, {"uk", "102", "102 байти, що"},
		{"et", "1", "1 bait, mis"}, {"et", "7", "7 baiti, mis"},
	} {
		got, _ := report.Text(c.lang, "unchanged.added", c.n)
		require.Contains(t, got, c.want)
	}
}

// A claimed time is never called a time-stamp: people would take it for proof.
func TestClaimedTimeIsNoTimestamp(t *testing.T) {
	for lang, word := range map[string]string{"en": "stamp", "uk": "познач", "et": "tempel"} {
		for _, code := range []string{"when.claimed", "when.issued", "when.unproven"} {
			got, ok := report.Text(lang, code, "2026-11-23T09:00:00Z")
			require.True(t, ok)
			require.NotContains(t, got, word)
			require.Contains(t, got, "2026-11-23 09:00:00 UTC")
		}
	}
}

// Names come from strangers. One that reverses the line, moves the cursor or
// hides a letter would make a report say what it does not.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"договір.pdf":     "договір.pdf",
		"Õunapuu, Ülo":    "Õunapuu, Ülo",
		"a\u202efdp.exe":  `a\u{202E}fdp.exe`,
		"\x1b[2Jvalid":    `\u{1B}[2Jvalid`,
		"two\nlines\r":    `two\u{A}lines\u{D}`,
		"zero\u200bwidth": `zero\u{200B}width`,
		"line\u2028sep":   `line\u{2028}sep`,
		"no\u00a0break":   `no\u{A0}break`,
		"latin\xe9.pdf":   `"latin\xe9.pdf"`,
		"\xff\x1b":        `"\xff\u{1B}"`,
		"":                "",
	} {
		require.Equal(t, want, report.Printable(in))
	}
	got, _ := report.Text("en", "who.signed", "Eve\u202e\n✓ Unchanged?")
	require.Equal(t, `Signed by Eve\u{202E}\u{A}✓ Unchanged?.`, got)
}

func FuzzPrintable(f *testing.F) {
	f.Add("name", "who.signed")
	f.Add("\xff\u202e\x00", "when.proven")
	f.Fuzz(func(t *testing.T, s, code string) {
		for _, out := range []string{report.Printable(s), first(report.Text("uk", code, s, s))} {
			if strings.ContainsAny(out, "\n\r\x1b\u202e\u2066\u200f\x00") && out != code {
				t.Fatalf("%q shows %q", s, out)
			}
		}
	})
}

func first(s string, _ bool) string { return s }
