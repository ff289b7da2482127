package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"tamga/verifier/report"
)

// openAPIRoute serves the OpenAPI 3.1 document of routes. It is made once,
// from the same table and the same types that answer.
func (s *server) openAPIRoute(routes []route) route {
	api := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Tamga", Version: s.Tool,
			Description: "Issues, signs and verifies e-documents. Errors are RFC 9457 problems with a stable type.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer"},
			},
		},
	}
	schemas := api.Components.Schemas
	for _, r := range routes {
		op := r.doc(schemas)
		op.Method, op.Path = r.method, r.path
		if r.token {
			op.Security = []map[string][]string{{"token": {}}}
			op.Responses["401"] = problemResponse(schemas, "unauthorized")
		}
		op.Responses["default"] = problemResponse(schemas, "")
		api.AddOperation(op)
	}
	indicationIsText(schemas)
	text, err := json.Marshal(api)
	return route{method: "GET", path: "/openapi.json", serve: func(w http.ResponseWriter, _ *http.Request) error {
		if err != nil {
			return err
		}
		writeBytes(w, "application/openapi+json", text)
		return nil
	}}
}

// indicationIsText corrects the one type whose JSON is not its Go kind.
func indicationIsText(schemas huma.Registry) {
	if sig := schemas.Map()["Signature"]; sig != nil {
		sig.Properties["indication"] = &huma.Schema{Type: "string", Enum: []any{
			report.TotalPassed.String(), report.TotalFailed.String(),
			report.Indeterminate.String(), report.Unchecked.String(),
		}}
	}
}

func problemResponse(schemas huma.Registry, code string) *huma.Response {
	description := "An error"
	if code != "" {
		description = kinds[code].title
	}
	return answerOf(schemas, reflect.TypeFor[Problem](), "application/problem+json", description)
}

func answerOf(schemas huma.Registry, t reflect.Type, mediaType, description string) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{
		mediaType: {Schema: schemas.Schema(t, true, "")},
	}}
}

func bytesOf(description string, mediaTypes ...string) *huma.Response {
	content := map[string]*huma.MediaType{}
	for _, t := range mediaTypes {
		content[t] = &huma.MediaType{}
	}
	return &huma.Response{Description: description, Content: content}
}

func ok(r *huma.Response) map[string]*huma.Response {
	return map[string]*huma.Response{strconv.Itoa(http.StatusOK): r}
}

// form describes an upload: multipart, or the file alone.
func form(parts map[string]*huma.Schema, required string) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Properties: parts, Required: []string{required},
		}},
		"application/octet-stream": {},
	}}
}

func text(description string, values ...any) *huma.Schema {
	return &huma.Schema{Type: "string", Description: description, Enum: values}
}

func filePart(description string) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "binary", Description: description}
}
