package httpapi

import (
	"net/http"

	"tamga/formats"
)

// verify answers with the report that `tamga verify --json` writes. A bad
// signature is an answer like any other: 200, and the verdict says so.
func (s *server) verify(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r, []string{"file", "content"}, nil)
	if err != nil {
		return err
	}
	defer u.Close()
	in := u.files["file"].input()
	if content := u.files["content"]; content != nil {
		in.Detached = []formats.Input{content.input()}
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	defer done()
	found, err := s.Verifier.Verify(r.Context(), in)
	if err != nil {
		return err
	}
	if len(in.Detached) > 0 && len(found.Document.Detached) == 0 {
		return problem("invalid", "the signature is not over another file, so content cannot be judged with it", "leave content out")
	}
	writeJSON(w, http.StatusOK, "application/json", found)
	return nil
}
