package httpapi

import (
	"net/http"
	"strings"

	"tamga/formats"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// verify answers with the report that `tamga verify --json` writes. A bad
// signature is an answer like any other: 200, and the verdict says so.
func (s *server) verify(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r, []string{"file", "content"}, []string{"policy"})
	if err != nil {
		return err
	}
	defer u.Close()
	judge, err := s.judge(u.fields["policy"])
	if err != nil {
		return err
	}
	in := u.files["file"].input()
	if content := u.files["content"]; content != nil {
		in.Detached = []formats.Input{content.input()}
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	defer done()
	found, err := judge.Verify(r.Context(), in)
	if err != nil {
		return err
	}
	if len(in.Detached) > 0 && len(found.Document.Detached) == 0 {
		return problem("invalid", "the signature is not over another file, so content cannot be judged with it", "leave content out")
	}
	writeJSON(w, http.StatusOK, "application/json", found)
	return nil
}

// judge returns the verifier that judges by the published policy called name; by
// the server's own if there is none.
func (s *server) judge(name string) (*verifier.Verifier, error) {
	if name == "" {
		return s.Verifier, nil
	}
	p, err := policy.ByName(name)
	if err != nil {
		return nil, problem("bad-request", "there is no policy of this name",
			"the policies are "+strings.Join(policy.Names(), ", "))
	}
	v := *s.Verifier
	v.Policy = p
	return &v, nil
}

// reportSchema answers with the JSON Schema of the reports.
func (s *server) reportSchema(w http.ResponseWriter, _ *http.Request) error {
	writeBytes(w, "application/schema+json", report.SchemaJSON)
	return nil
}
