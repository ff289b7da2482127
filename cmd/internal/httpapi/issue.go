package httpapi

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/signer"
)

// issueRequest is the body of an issuing request. Unknown and double members
// are errors: a misspelt wish must not be left out in silence.
type issueRequest struct {
	Claims    jsontext.Value `json:"claims"`
	HolderKey jsontext.Value `json:"holder_key"`
	Formats   []formats.ID   `json:"formats"`
}

// IssueAnswer is one identity document in each format that was asked for.
type IssueAnswer struct {
	Type       string    `json:"type" doc:"The document type that was asked for" example:"pid"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	Mdoc       string    `json:"mdoc,omitempty" doc:"ISO/IEC 18013-5 IssuerSigned, CBOR in base64url without padding"`
	SDJWT      string    `json:"sdjwt,omitempty" doc:"SD-JWT VC (dc+sd-jwt) with all disclosures"`
}

// issue makes an identity document. Over HTTP the holder's key must be given:
// a server that made it would know what only the holder may know.
func (s *server) issue(w http.ResponseWriter, r *http.Request) error {
	req, err := s.readIssue(w, r)
	if err != nil {
		return err
	}
	if len(req.HolderKey) == 0 || req.HolderKey.Kind() == 'n' {
		return problem("holder-key-required", "the document must be bound to a key of its holder",
			"send holder_key, the holder's public key as a JWK")
	}
	holder, err := request.HolderKey(req.HolderKey)
	if err != nil {
		return err
	}
	done, err := s.working(r.Context())
	if err != nil {
		return err
	}
	defer done()
	issued, err := s.Signer.Issue(r.Context(), signer.IssueRequest{
		Type: r.PathValue("type"), Claims: req.Claims, Formats: req.Formats, HolderKey: holder,
	})
	if errors.Is(err, signer.ErrUnknownType) {
		return problem("not-found", "no document of this type is issued here, or not in this format", "for example: pid, as mdoc and sdjwt")
	}
	if err != nil {
		return keyError(err)
	}
	answer := IssueAnswer{Type: r.PathValue("type")}
	for _, doc := range issued {
		answer.ValidFrom, answer.ValidUntil = doc.ValidFrom.UTC(), doc.ValidUntil.UTC()
		switch doc.Format {
		case formats.Mdoc:
			answer.Mdoc = base64.RawURLEncoding.EncodeToString(doc.Document)
		case formats.SDJWT:
			answer.SDJWT = string(doc.Document)
		}
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

func (s *server) readIssue(w http.ResponseWriter, r *http.Request) (*issueRequest, error) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return nil, problem("unsupported-type", "", "send application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.JSON))
	if err != nil {
		return nil, bodyError(err)
	}
	var req issueRequest
	if err := json.Unmarshal(body, &req, json.RejectUnknownMembers(true)); err != nil {
		// The decoder's own text may quote the body.
		return nil, problem("bad-request", "the body is not the JSON object that is expected here",
			`send {"claims":{…},"holder_key":{JWK},"formats":["mdoc","sdjwt"]}; each member once`)
	}
	if len(req.Claims) == 0 || req.Claims.Kind() != '{' {
		return nil, problem("invalid", "claims is missing or not an object", "")
	}
	return &req, nil
}
