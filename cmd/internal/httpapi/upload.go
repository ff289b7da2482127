package httpapi

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// upload is what a client sent: files by the name of their part, and fields.
type upload struct {
	files  map[string]*spool
	fields map[string]string
}

// Limits of a form.
const (
	maxParts = 16
	maxField = 4 << 10
)

// readUpload takes a request apart: either multipart/form-data, or the file as
// the whole body with the fields in the query. fileParts are the parts that
// are files, the first being the one that must be there. The caller closes
// the upload.
func (s *server) readUpload(w http.ResponseWriter, r *http.Request, fileParts, fields []string) (*upload, error) {
	body := http.MaxBytesReader(w, r.Body, s.limits.File)
	u := &upload{files: map[string]*spool{}, fields: map[string]string{}}
	for name, values := range r.URL.Query() {
		if name != "name" {
			if err := u.setField(name, values[0], fields); err != nil {
				return nil, err
			}
		}
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return nil, problem("unsupported-type", "the Content-Type cannot be read", hintUpload)
	}
	switch mediaType {
	case "multipart/form-data":
		err = s.readForm(u, multipart.NewReader(body, params["boundary"]), fileParts, fields)
	case "application/x-www-form-urlencoded", "application/json", "multipart/mixed":
		err = problem("unsupported-type", "a file is expected", hintUpload)
	default:
		u.files[fileParts[0]], err = newSpool(s.limits.SpoolDir, baseName(r.URL.Query().Get("name")), body)
	}
	if err == nil && u.files[fileParts[0]] == nil {
		err = problem("bad-request", "the form has no part called "+fileParts[0], hintUpload)
	}
	if err != nil {
		u.Close()
		return nil, bodyError(err)
	}
	return u, nil
}

const hintUpload = "send multipart/form-data with a part called file (curl -F file=@FILE), " +
	"or the file as the body with Content-Type: application/octet-stream"

func (s *server) readForm(u *upload, form *multipart.Reader, fileParts, fields []string) error {
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := part.FormName()
		switch {
		case u.files[name] != nil:
			return problem("bad-request", "a part comes twice", "send one file a request")
		case slices.Contains(fileParts, name):
			u.files[name], err = newSpool(s.limits.SpoolDir, baseName(part.FileName()), part)
		default:
			var value []byte
			if value, err = io.ReadAll(io.LimitReader(part, maxField+1)); err == nil {
				err = u.setField(name, string(value), fields)
			}
		}
		if err != nil {
			return err
		}
	}
	return problem("bad-request", "the form has too many parts", "")
}

func (u *upload) setField(name, value string, fields []string) error {
	if !slices.Contains(fields, name) {
		return problem("bad-request", "there is a field or part that is not known here",
			"known are: "+strings.Join(fields, ", "))
	}
	if _, twice := u.fields[name]; twice {
		return problem("bad-request", "the field "+name+" comes twice", "")
	}
	if len(value) > maxField {
		return problem("bad-request", "the field "+name+" is too long", "")
	}
	u.fields[name] = value
	return nil
}

// Close removes the files; it may be called on nil.
func (u *upload) Close() {
	if u == nil {
		return
	}
	for _, f := range u.files {
		f.Close()
	}
}

// bodyError sorts what went wrong while a body was read: too large, our disk,
// or a body that is not what it says.
func bodyError(err error) error {
	if _, ok := errors.AsType[*Problem](err); ok {
		return err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*spoolError](err); ok {
		return err
	}
	return problem("bad-request", "the body broke off or is not what its Content-Type says", "")
}

// baseName returns the last part of the name that a client gave, fit to be
// shown. It is never opened.
func baseName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == '"' {
			return '\uFFFD'
		}
		return r
	}, name)
	if name == "" || name == "." || name == ".." || len(name) > 255 {
		return "document"
	}
	return name
}
