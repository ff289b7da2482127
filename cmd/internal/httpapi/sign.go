package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/pki"
	"tamga/signer"
)

var signFields = []string{"format", "level", "key", "field", "reason", "location"}

// sign answers with the signed file, or with the signature if it is detached.
func (s *server) sign(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r, []string{"file"}, signFields)
	if err != nil {
		return err
	}
	defer u.Close()
	in := u.files["file"].input()
	wish := request.Signature{
		Format: u.fields["format"], Level: u.fields["level"],
		PDF: request.PDF{
			Field: u.fields["field"], Reason: u.fields["reason"], Location: u.fields["location"],
		},
	}
	preparer, level, err := wish.Resolve(in)
	if err != nil {
		return err
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	edit, err := s.Signer.Sign(r.Context(), signer.SignRequest{
		Format: preparer, Level: level, Key: u.fields["key"],
	}, in)
	done()
	if err != nil {
		return keyError(err)
	}
	sendEdit(w, in, edit, preparer.ID())
	return nil
}

// keyError tells of a key that was asked for and is not there, or not for this.
func keyError(err error) error {
	if errors.Is(err, pki.ErrKeyNotFound) || errors.Is(err, pki.ErrKeyUse) {
		return problem("invalid", "there is no key of this name that may be used for this",
			"leave out the key to use the server's choice")
	}
	return err
}

// sendEdit streams the changed document. An answer that cannot be finished is
// broken off, so that nobody takes a part for the whole.
func sendEdit(w http.ResponseWriter, in formats.Input, edit formats.Edit, id formats.ID) {
	name := request.SignedName(in.Name, id)
	out := edit.Apply(in, name)
	h := w.Header()
	h.Set("Content-Type", request.MediaType(id))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.FormatInt(out.Size, 10))
	if _, err := io.Copy(w, out.Reader()); err != nil {
		panic(http.ErrAbortHandler)
	}
}
