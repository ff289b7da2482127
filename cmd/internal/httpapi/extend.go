package httpapi

import (
	"errors"
	"net/http"
	"strconv"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/signer"
)

var extendFields = []string{"to", "renew"}

// extend answers with the document whose signatures have been lifted, by what
// the server itself trusts and knows.
func (s *server) extend(w http.ResponseWriter, r *http.Request) error {
	u, err := s.readUpload(w, r, []string{"file", "content"}, extendFields)
	if err != nil {
		return err
	}
	defer u.Close()
	in := u.files["file"].input()
	if content := u.files["content"]; content != nil {
		in.Detached = []formats.Input{content.input()}
	}
	wish := signer.ExtendRequest{To: formats.LevelLTA}
	if to := u.fields["to"]; to != "" {
		if wish.To, err = request.ExtendLevel(to); err != nil {
			return err
		}
	}
	if renew := u.fields["renew"]; renew != "" {
		if wish.Renew, err = strconv.ParseBool(renew); err != nil {
			return problem("bad-request", "renew is neither true nor false", "leave it out for false")
		}
	}
	parser, err := catalog.Recognise(in)
	if err != nil {
		return err
	}
	if wish.Format, err = catalog.Extender(parser.ID()); err != nil {
		return problem("invalid", "documents of this format have no levels to be lifted to", "send a signed PDF or a CMS signature")
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	edit, err := s.Signer.Extend(r.Context(), wish, in)
	done()
	if errors.Is(err, signer.ErrNotLifted) {
		return problem("invalid", "the signatures cannot be lifted to "+string(wish.To),
			"ask POST /v1/verify why: one is broken, or its certificate or revocation status is not known here")
	}
	if err != nil {
		return err
	}
	sendEdit(w, in, edit, sent{in.Name, request.MediaType(parser.ID())})
	return nil
}
