package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"tamga/verifier/report"
)

// outline is the structure of a page: elements, their classes and attributes
// but not what is in them.
func outline(t *testing.T, page []byte) (shape []string, text string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	require.NoError(t, err)
	var words strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			line := n.Data
			for _, a := range n.Attr {
				line += " " + a.Key + "=" + a.Val
			}
			shape = append(shape, line)
		case html.TextNode:
			if n.Parent.Data != "style" {
				words.WriteString(n.Data)
			}
		case html.CommentNode:
			shape = append(shape, "comment")
		}
	}
	return shape, words.String()
}

// A stranger's name is text and nothing else: whatever it holds, the page has
// the elements that it has with a plain name.
func TestHTMLHoldsAgainstNames(t *testing.T) {
	want, _ := outline(t, written(t, "html", hostile("a"), "uk"))
	for _, attack := range attacks() {
		got, text := outline(t, written(t, "html", hostile(attack), "uk"))
		require.Equal(t, want, got, "%q", attack)
		require.Contains(t, text, report.Printable(attack))
	}
}

// The page loads nothing and runs nothing: it is judged offline, and opening
// it tells nobody.
func TestHTMLLoadsNothing(t *testing.T) {
	page := written(t, "html", rich(), "en")
	shape, _ := outline(t, page)
	for _, line := range shape {
		name, rest, _ := strings.Cut(line, " ")
		loading := []string{"script", "link", "img", "iframe", "object", "embed", "base", "form", "a"}
		require.NotContains(t, loading, name)
		for _, attribute := range []string{"src=", "href=", "style=", " on"} {
			require.NotContains(t, " "+rest, attribute)
		}
	}
	require.NotContains(t, string(page), "url(")
	require.NotContains(t, string(page), "@import")
}

// Who listens to the page finds their way: language, one main, headings without
// gaps, and a header for each column.
func TestHTMLIsAccessible(t *testing.T) {
	for _, lang := range report.Languages() {
		page := written(t, "html", rich(), lang)
		shape, text := outline(t, page)
		require.Contains(t, shape, "html lang="+lang)
		ids := map[string]bool{}
		last, mains := 0, 0
		for _, line := range shape {
			name, rest, _ := strings.Cut(line, " ")
			if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
				level := int(name[1] - '0')
				require.LessOrEqual(t, level, last+1, "a gap before %s", line)
				last = level
			}
			switch name {
			case "main":
				mains++
			case "th":
				require.Contains(t, rest, "scope=")
			case "section":
				require.Contains(t, rest, "aria-labelledby=")
			}
			for _, field := range strings.Fields(rest) {
				if id, ok := strings.CutPrefix(field, "id="); ok {
					require.False(t, ids[id], "%s twice", id)
					ids[id] = true
				}
			}
		}
		for _, line := range shape {
			if _, id, ok := strings.Cut(line, "aria-labelledby="); ok {
				require.True(t, ids[id], "%s is not there", id)
			}
		}
		require.Equal(t, 1, mains)
		for _, code := range []string{"page.title", "page.checks", "page.context", "page.stamps", "page.counters"} {
			want, _ := report.Text(lang, code)
			require.Contains(t, text, want)
		}
	}
}

// A report of nothing is no good news on the page either.
func TestZeroReportHTML(t *testing.T) {
	_, text := outline(t, written(t, "html", &report.Report{}, ""))
	require.Contains(t, text, "no verdict")
	require.NotContains(t, text, "✓")
	unsigned := &report.Report{Verdict: report.Verdict{Status: report.NotSigned}}
	_, text = outline(t, written(t, "html", unsigned, "xx"))
	require.Contains(t, text, "nobody vouches for it")
}

// Whatever a name holds, page and XML keep their shape.
func FuzzNames(f *testing.F) {
	for _, attack := range attacks() {
		f.Add(attack)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" { // nothing is shown of what is not there
			return
		}
		want, _ := outline(t, written(t, "html", hostile("a"), "uk"))
		got, _ := outline(t, written(t, "html", hostile(name), "uk"))
		require.Equal(t, want, got)
		elements, _, _, _ := skeleton(t, written(t, "xml", hostile("a"), ""))
		others, _, _, _ := skeleton(t, written(t, "xml", hostile(name), ""))
		require.Equal(t, elements, others)
	})
}
