package profile

import (
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
)

// languages are those in which every document type should have a name.
var languages = []string{"en", "uk", "et"}

// Lint tells what is allowed in a document type but unwise, a line each. What
// is wrong [Parse] has refused.
func Lint(t *Type) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, lang := range languages {
		if t.titles[lang] == "" {
			say("display.%s is missing", lang)
		}
	}
	if len(t.formats) < 2 {
		say("formats: only %s; a wallet of the EU expects both mdoc and sdjwt (PID_02)", t.formats[0])
	}
	if t.docType != "" && !strings.Contains(t.docType, ".") {
		say("mdoc.doctype: %q is no reverse domain name (ISO 18013-5 7.1)", t.docType)
	}
	if t.vct != "" && !strings.Contains(t.vct, ":") {
		say("sdjwt.vct: %q is no URI and can collide with others (SD-JWT VC 2.2.2.1)", t.vct)
	}
	for i := range t.claims {
		lintClaim(&t.claims[i], len(t.formats) == 2, say)
	}
	for _, f := range []fill{fillExpires, fillAuthority, fillCountry} {
		if !slices.ContainsFunc(t.claims, func(c claim) bool { return c.fill == f }) {
			say("no claim has fill = %q, which is mandatory for a PID (CIR 2024/2977, Table 5)", f)
		}
	}
	return out
}

func lintClaim(c *claim, both bool, say func(string, ...any)) {
	if both && c.mdoc == "" {
		say("claim %q: not in %s, so that the two documents differ", c.name, formats.Mdoc)
	}
	if both && c.sdjwt == nil {
		say("claim %q: not in %s, so that the two documents differ", c.name, formats.SDJWT)
	}
	if c.always && c.fill == fillNot {
		say("claim %q: every verifier learns it, whatever it asks for (disclose = \"always\")", c.name)
	}
	if c.kind == kindImage && c.max > 128<<10 {
		say("claim %q: up to %d bytes; proximity readers take seconds for pictures over 128 KiB", c.name, c.max)
	}
}
