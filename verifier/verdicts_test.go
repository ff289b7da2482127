package verifier_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tamga/verifier/report"
)

// Most tests here ask for one thing. What else each verdict says is kept in
// testdata/verdicts.txt, as people read it, so that no check, answer or note
// changes, goes or comes without being seen in a diff:
//
//	go test ./verifier -update
//
// Each test has its verdicts, sorted and each once. Those over files of others,
// which may be absent, and over chance are left out.
var (
	update  = flag.Bool("update", false, "write testdata/verdicts.txt anew")
	leftOut = regexp.MustCompile("^(Fuzz|Benchmark|TestVectors|TestCorpora|TestEveryByte)")
)

const verdictsFile = "testdata/verdicts.txt"

var heard = struct {
	sync.Mutex
	of map[string]map[string]bool // test, verdict
}{of: map[string]map[string]bool{}}

// hear notes a verdict of the test.
func hear(t testing.TB, r *report.Report) {
	if leftOut.MatchString(t.Name()) {
		return
	}
	heard.Lock()
	defer heard.Unlock()
	if heard.of[t.Name()] == nil {
		heard.of[t.Name()] = map[string]bool{}
	}
	heard.of[t.Name()][spelled(r)] = true
}

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := compareVerdicts(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// compareVerdicts holds what was heard to the file, for the tests that were run.
func compareVerdicts() error {
	known := map[string]string{}
	text, err := os.ReadFile(verdictsFile)
	if err != nil && !*update {
		return err
	}
	if *update && all() {
		text = nil // what no test says any more is not kept
	}
	for _, block := range strings.Split(string(text), "\n== ")[1:] {
		name, said, _ := strings.Cut(block, "\n")
		known[name] = said
	}
	var changed []string
	for name, said := range heard.of {
		now := strings.Join(slices.Sorted(maps.Keys(said)), "")
		if known[name] != now {
			changed = append(changed, fmt.Sprintf("%s\n-- was:\n%s-- is:\n%s", name, known[name], now))
		}
		known[name] = now
	}
	if *update {
		var b strings.Builder
		b.WriteString("What the verifier says in each test; see verdicts_test.go.\n")
		for _, name := range slices.Sorted(maps.Keys(known)) {
			fmt.Fprintf(&b, "\n== %s\n%s", name, known[name])
		}
		return os.WriteFile(verdictsFile, []byte(b.String()), 0o644)
	}
	if len(changed) > 0 {
		slices.Sort(changed)
		return fmt.Errorf("verdicts have changed; if that is right: go test ./verifier -update\n%s", strings.Join(changed, "\n"))
	}
	return nil
}

// all reports whether every test was run.
func all() bool {
	return flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""
}

// spelled is what a report says, but what differs from run to run.
func spelled(r *report.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, signers: %d\n", r.Verdict.Status, r.Verdict.Signers)
	for _, n := range r.Document.Notes {
		fmt.Fprintf(&b, "  %s %s\n", n.Code, strings.Join(n.Args, " | "))
	}
	for _, s := range r.Verdict.Signatures {
		tellSignature(&b, "  ", s)
	}
	return strings.NewReplacer(",O=Tamga Test,C=UT", "", ", Tamga Test", "").Replace(
		chance.ReplaceAllString(b.String(), "…"))
}

// chance are digests and serial numbers.
var chance = regexp.MustCompile(`[0-9a-f]{16,}`)

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(" 2006-01-02T15:04:05")
}

// worded are checks that have several ways to pass.
var worded = []string{
	"certificate.purpose", "credential.validity", "credential.status", "revocation.known", "acceptance.level",
}

func tellSignature(b *strings.Builder, indent string, s report.Signature) {
	fmt.Fprintf(b, "%s%s: %s %s %s", indent, s.Name, s.Indication, s.SubIndication, s.Algorithm)
	for _, d := range []*report.Digest{s.Signed, s.Content} {
		if d != nil {
			fmt.Fprintf(b, ", %s", d.Algorithm)
		}
	}
	fmt.Fprintf(b, " claimed%s proven%s\n", moment(s.ClaimedTime), moment(s.BestTime))
	indent += "  "
	for _, a := range s.Answers {
		fmt.Fprintf(b, "%s%s %s\n", indent, a.Code, strings.Join(a.Args, " | "))
	}
	passed := 0
	var chain []string
	for _, c := range s.Checks {
		if c.Passed {
			passed++
		}
		if !c.Passed || slices.Contains(worded, c.ID) {
			fmt.Fprintf(b, "%s%s %s %s %s\n", indent, c.ID, c.Sub, c.Subject, c.Detail)
		}
	}
	for _, c := range s.Chain {
		chain = append(chain, strings.TrimSpace(c.Subject+" "+c.Anchor))
	}
	fmt.Fprintf(b, "%spassed %d checks\n%schain %s\n", indent, passed, indent, strings.Join(chain, " < "))
	for _, n := range s.Notes {
		fmt.Fprintf(b, "%s%s %s\n", indent, n.Code, strings.Join(n.Args, " | "))
	}
	for _, e := range s.Evidence {
		fmt.Fprintf(b, "%s%s of %s by %s: %s made%s until%s proven%s revoked%s %s\n", indent, e.Kind, e.About, e.Issuer,
			e.Origin, moment(e.Made), moment(e.Until), moment(e.Proven), moment(e.Revoked), e.Reason)
	}
	for _, c := range s.Claims {
		fmt.Fprintf(b, "%sclaim: %v\n", indent, c)
	}
	for _, more := range [][]report.Signature{s.Timestamps, s.Counters} {
		for _, t := range more {
			tellSignature(b, indent, t)
		}
	}
}
