package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// fetch is what scripts have instead of curl:
//
//	http [-X METHOD] [-token FILE] [-type TYPE] [-body FILE] [-F NAME=VALUE] [-o FILE] [-wait] URL
//
// It prints the status, the Content-Type and the body; -F file=@NAME sends a
// file; -wait tries until the server answers.
func fetch() {
	var parts parts
	method := flag.String("X", "", "")
	token := flag.String("token", "", "")
	kind := flag.String("type", "", "")
	body := flag.String("body", "", "")
	out := flag.String("o", "", "")
	wait := flag.Bool("wait", false, "")
	flag.Var(&parts, "F", "")
	flag.Parse()
	deadline := time.Now().Add(time.Minute)
	for {
		req := must(build(*method, flag.Arg(0), *body, *kind, parts))
		if *token != "" {
			req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(must(os.ReadFile(*token)))))
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil && *wait && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		must(resp, err)
		text := must(io.ReadAll(resp.Body))
		fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"))
		if *out != "" {
			must(0, os.WriteFile(*out, text, 0o644))
			return
		}
		os.Stdout.Write(text)
		return
	}
}

type parts []string

func (p *parts) String() string     { return strings.Join(*p, " ") }
func (p *parts) Set(s string) error { *p = append(*p, s); return nil }

func build(method, url, body, kind string, parts parts) (*http.Request, error) {
	var b bytes.Buffer
	if len(parts) > 0 {
		m := multipart.NewWriter(&b)
		for _, part := range parts {
			name, value, _ := strings.Cut(part, "=")
			if path, ok := strings.CutPrefix(value, "@"); ok {
				w := must(m.CreateFormFile(name, filepath.Base(path)))
				must(w.Write(must(os.ReadFile(path))))
				continue
			}
			must(0, m.WriteField(name, value))
		}
		must(0, m.Close())
		kind = m.FormDataContentType()
	} else if body != "" {
		b.Write(must(os.ReadFile(body)))
	}
	if method == "" {
		method = "GET"
		if b.Len() > 0 {
			method = "POST"
		}
	}
	req, err := http.NewRequest(method, url, &b)
	if err == nil && kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, err
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
	return v
}

// member returns the bytes of a member of a JSON object in a file. A first
// line that is no JSON, as fetch prints, is skipped.
func member(ts *testscript.TestScript, name, file string) string {
	text := ts.ReadFile(file)
	if !strings.HasPrefix(text, "{") {
		_, text, _ = strings.Cut(text, "\n")
	}
	var object map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(text), &object))
	if object[name] == nil {
		ts.Fatalf("%s has no member %q", file, name)
	}
	return string(object[name])
}
