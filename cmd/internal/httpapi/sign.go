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

var signFields = []string{
	"format", "level", "key", "field", "reason", "location",
	"attached", "parallel", "counter", "content_stamp", "commitment", "role", "policy_id", "policy_digest", "policy_uri",
}

// sign answers with the signed file, or with the signature if it is detached.
func (s *server) sign(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r, []string{"file", "content"}, signFields)
	if err != nil {
		return err
	}
	defer u.Close()
	in := u.files["file"].input()
	if content := u.files["content"]; content != nil {
		in.Detached = []formats.Input{content.input()}
	}
	cms, err := cmsWish(u.fields)
	if err != nil {
		return err
	}
	wish := request.Signature{
		CMS:    cms,
		Format: u.fields["format"], Level: u.fields["level"],
		PDF: request.PDF{
			Field: u.fields["field"], Reason: u.fields["reason"], Location: u.fields["location"],
		},
	}
	if len(in.Detached) > 0 && !cms.Joined() {
		return problem("bad-request", "content is what the signatures in file are over", "leave it out unless parallel or counter is given")
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
		Format: preparer, Level: level, Key: u.fields["key"], ContentStamp: cms.ContentStamp,
	}, in)
	done()
	if err != nil {
		return keyError(err)
	}
	sendEdit(w, in, edit, sent{wish.SignedName(in.Name, preparer.ID()), wish.MediaType(preparer.ID())})
	return nil
}

// cmsWish reads the fields that belong to CMS signatures.
func cmsWish(fields map[string]string) (c request.CMS, err error) {
	c.PolicyID, c.PolicySum, c.PolicyURI = fields["policy_id"], fields["policy_digest"], fields["policy_uri"]
	if v := fields["commitment"]; v != "" {
		c.Commitments = []string{v}
	}
	if v := fields["role"]; v != "" {
		c.Roles = []string{v}
	}
	for name, to := range map[string]*bool{
		"attached": &c.Attached, "parallel": &c.Parallel, "content_stamp": &c.ContentStamp,
	} {
		if v := fields[name]; v != "" {
			if *to, err = strconv.ParseBool(v); err != nil {
				return c, problem("bad-request", name+" is neither true nor false", "leave it out for false")
			}
		}
	}
	if v := fields["counter"]; v != "" {
		if c.Counter, err = strconv.Atoi(v); err != nil || c.Counter < 1 {
			return c, problem("bad-request", "counter is no number of a signature", "count the signatures from 1")
		}
	}
	return c, nil
}

// sent is what an answer is called and what it is.
type sent struct{ name, mediaType string }

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
func sendEdit(w http.ResponseWriter, in formats.Input, edit formats.Edit, as sent) {
	out := edit.Apply(in, as.name)
	h := w.Header()
	h.Set("Content-Type", as.mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": as.name}))
	h.Set("Content-Length", strconv.FormatInt(out.Size, 10))
	if _, err := io.Copy(w, out.Reader()); err != nil {
		panic(http.ErrAbortHandler)
	}
}
