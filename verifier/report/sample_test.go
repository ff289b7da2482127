package report_test

import (
	"strings"
	"time"

	"tamga/verifier/report"
)

// rich is a report with everything that a report can hold, twice where there
// can be many.
func rich() *report.Report {
	r := sample()
	at := r.Context.Time
	earlier := at.Add(-time.Hour)
	signer := report.Certificate{
		Subject: "CN=Олена Ґалаґан-Їжакевич, O=Приклад", Issuer: "CN=Test CA", Serial: "01ab",
		NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(1, 0, 0), SHA256: strings.Repeat("a1", 32),
	}
	root := report.Certificate{
		Subject: "CN=Šõäöüž Juur", Issuer: "CN=Šõäöüž Juur", Serial: "01",
		NotBefore: at.AddDate(-9, 0, 0), NotAfter: at.AddDate(9, 0, 0), SHA256: strings.Repeat("b2", 32),
		Anchor: "test",
	}
	stamp := report.Signature{
		Name: "time-stamp 1 (signature)", Kind: "RFC 3161", Indication: report.TotalPassed, Algorithm: "ES256",
		ClaimedTime: &earlier, Chain: []report.Certificate{signer, root}, Stamp: report.SignatureStamp,
		SHA256: strings.Repeat("c3", 32), Value: []byte("stamp"),
		Checks: []report.Check{{ID: "signature.value", Clause: "EN 319 102-1 5.2.7.4", Passed: true}},
	}
	counter := report.Signature{
		Name: "counter-signature", Kind: "CMS", Indication: report.Indeterminate,
		SubIndication: report.NoCertificateChainFound, Value: []byte("counter"),
		Checks: []report.Check{{
			ID: "certificate.path", Clause: "EN 319 102-1 5.2.6.4", Sub: report.NoCertificateChainFound,
			Detail: "no path to an anchor",
		}},
		Timestamps: []report.Signature{stamp},
	}
	r.Document.SHA256 = strings.Repeat("d4", 32)
	r.Document.Detached = []string{"звіт.docx"}
	r.Document.Notes = []report.Note{report.NewNote("note.defect", "xref is not where it says", "ISO 32000-2 7.5.8")}
	r.Context.PolicySHA256 = strings.Repeat("e5", 32)
	r.Context.Fetched = []report.Fetched{
		{URL: "http://ca.example/ca.crl", Kind: "crl", Time: at, Size: 900, SHA256: strings.Repeat("f6", 32), Cached: true},
		{URL: "http://ca.example/ocsp", Kind: "ocsp", Time: at, Error: "no answer in 5 s"},
	}
	r.Verdict.Status = report.CannotTell
	r.Verdict.Signers = 1
	good := report.Signature{
		Name: "Підпис 1", Kind: "PAdES", Indication: report.TotalPassed, Algorithm: "ES256",
		Answers: []report.Answer{
			report.NewAnswer(report.Unchanged, report.Yes, "unchanged.whole"),
			report.NewAnswer(report.Who, report.Yes, "who.signed", "Олена Ґалаґан-Їжакевич"),
			report.NewAnswer(report.WhoVouches, report.Unknown, "hidden"),
			report.NewAnswer(report.When, report.Yes, "when.proven", "2026-11-23T08:00:00Z", "TSA"),
			report.NewAnswer(report.StillInForce, report.Unknown, "hidden"),
		},
		Chain: []report.Certificate{signer, root}, ClaimedTime: &earlier, BestTime: &earlier,
		Checks: []report.Check{
			{ID: "format.built", Clause: "EN 319 102-1 5.2.2", Passed: true},
			{ID: "signature.value", Clause: "EN 319 102-1 5.2.7.4", Passed: true, Detail: "ES256"},
		},
		Timestamps: []report.Signature{stamp}, Counters: []report.Signature{counter},
		Evidence: []report.Evidence{{
			Kind: report.CRL, About: signer.Subject, Certificate: signer.SHA256, Issuer: "CN=Test CA", Made: &earlier,
			Until: &at, Origin: report.FromNetwork, URL: "http://ca.example/ca.crl", Fetched: &at, Proven: &at,
			Revoked: &at, Reason: "keyCompromise", SHA256: strings.Repeat("f6", 32),
		}},
		Signed:  &report.Digest{Algorithm: "SHA-256", Value: strings.Repeat("07", 32)},
		Content: &report.Digest{Algorithm: "SHA-512", Value: strings.Repeat("08", 64)},
		Value:   []byte("signature"),
	}
	r.Verdict.Signatures = append([]report.Signature{good}, r.Verdict.Signatures...)
	return r
}

// hostile puts s wherever a stranger's words can stand.
func hostile(s string) *report.Report {
	r := rich()
	r.Document.Name, r.Document.Title, r.Document.Format = s, s, s
	r.Document.Detached, r.Document.Notes = []string{s}, []report.Note{{Code: s, Text: s}}
	r.Context.Policy, r.Context.Tool = s, s
	r.Context.Fetched[1].URL, r.Context.Fetched[1].Error = s, s
	for i := range r.Verdict.Signatures {
		sign := &r.Verdict.Signatures[i]
		sign.Name, sign.Kind, sign.Algorithm, sign.Notes = s, s, s, []report.Note{report.NewNote("note.signer-unbound", s)}
		sign.Claims = []report.Claim{{Namespace: s, Name: s, Value: s}}
		for j := range sign.Chain {
			sign.Chain[j].Subject, sign.Chain[j].Issuer, sign.Chain[j].Anchor = s, s, s
		}
		for j := range sign.Checks {
			sign.Checks[j].Subject, sign.Checks[j].Detail = s, s
		}
		for j := range sign.Answers {
			sign.Answers[j].Args, sign.Answers[j].Text = []string{s, s, s}, s
		}
		for j := range sign.Evidence {
			sign.Evidence[j].About, sign.Evidence[j].URL, sign.Evidence[j].Reason = s, s, s
		}
	}
	return r
}

// attacks are names that try to say more than a name.
func attacks() []string {
	return []string{
		`"><script>alert(1)</script>`, `'"><img src=x onerror=alert(1)>`, "</bdi></section><h2>valid</h2>",
		"javascript:alert(1)", "]]>&amp;<!--", "\u202egnp.exe", "\x00\x1b[2J", "latin\xe9\xff", "{{.}}${x}`", "\ufffe\uffff",
		"a\u0301\u0301\u0301", strings.Repeat("W", 4000), "</style><style>*{display:none}", "中文 عربى 🙂",
	}
}

// reports are reports of every verdict.
func reports() map[string]*report.Report {
	doubt := sample()
	doubt.Verdict.Status = report.CannotTell
	doubt.Verdict.Signatures[0].Indication = report.Indeterminate
	doubt.Verdict.Signatures[0].SubIndication = report.TryLater
	valid := rich()
	valid.Verdict.Status = report.Valid
	valid.Verdict.Signatures = valid.Verdict.Signatures[:1]
	empty := sample()
	empty.Verdict = report.Verdict{Status: report.NotSigned}
	return map[string]*report.Report{
		"changed": sample(), "doubt": doubt, "empty": empty, "full": rich(), "valid": valid,
		"hostile": hostile(`"><script>alert(1)</script>` + "\u202e"),
	}
}
