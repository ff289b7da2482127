package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one change of one condition.
type mutant struct {
	id       int
	where    string // file:line:column
	file     string
	function string
	what     string // as explained in reasons.txt
	text     string // the condition
	again    int    // how many before it in the function have the same text
	reached  bool   // whether it differs in any test
}

// key names the mutant by what does not move when lines do.
func (m mutant) key() string {
	key := strings.Join([]string{m.file, m.function, m.what, m.text}, " | ")
	if m.again > 0 {
		key += fmt.Sprintf(" #%d", m.again+1)
	}
	return key
}

func (m mutant) unreached() string {
	if m.reached {
		return ""
	}
	return " (no test makes it differ)"
}

// instrument writes the package with every condition made to ask which mutant is
// on, and returns the mutants and the overlay file for the go command.
func instrument(path, dir string) ([]mutant, string, error) {
	files, err := filepath.Glob(filepath.Join(path, "*.go"))
	if err != nil {
		return nil, "", err
	}
	in := &instrumenter{seen: map[string]int{}}
	overlay, name := map[string]string{}, ""
	put := func(as string, text []byte) error {
		full, err := filepath.Abs(filepath.Join(path, as))
		if err != nil {
			return err
		}
		overlay[full] = filepath.Join(dir, strings.ReplaceAll(filepath.Clean(path), string(filepath.Separator), "_")+"_"+as)
		return os.WriteFile(overlay[full], text, 0o600)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		var text []byte
		if text, name, err = in.instrumentFile(f); err != nil {
			return nil, "", err
		}
		if err := put(filepath.Base(f), text); err != nil {
			return nil, "", err
		}
	}
	if name == "" {
		return nil, "", fmt.Errorf("no Go files in %s", path)
	}
	if err := put("mutant_on.go", fmt.Appendf(nil, selector, name, reachVariable, len(in.mutants)+1, variable)); err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return in.mutants, file, os.WriteFile(file, text, 0o600)
}

type instrumenter struct {
	src      []byte
	fset     *token.FileSet
	name     string // of the file in hand
	function string
	edits    []edit
	done     map[ast.Expr]bool // expressions that have been wrapped
	mutants  []mutant
	seen     map[string]int
}

// edit puts text in the place of src[from:to]. What closes an expression comes
// before all else at its place, the innermost first.
type edit struct {
	from, to int
	text     string
	closes   bool
}

func (in *instrumenter) instrumentFile(path string) (text []byte, pkg string, err error) {
	if in.src, err = os.ReadFile(path); err != nil {
		return nil, "", err
	}
	in.fset, in.edits, in.done = token.NewFileSet(), nil, map[ast.Expr]bool{}
	in.name = filepath.ToSlash(filepath.Clean(path))
	file, err := parser.ParseFile(in.fset, path, in.src, parser.SkipObjectResolution)
	if err != nil {
		return nil, "", err
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil {
				in.function = d.Name.Name
				in.body(d.Type, d.Body)
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				in.function = "var"
				in.walk(d, nil)
			}
		}
	}
	return in.apply(), file.Name.Name, nil
}

// apply is the file with all edits.
func (in *instrumenter) apply() []byte {
	var closing, rest []edit
	for _, e := range in.edits {
		if e.closes {
			closing = append(closing, e)
		} else {
			rest = append(rest, e)
		}
	}
	slices.Reverse(closing) // the last that was opened is the first to close
	all := append(closing, rest...)
	slices.SortStableFunc(all, func(a, b edit) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, e := range all {
		out = append(append(out, in.src[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, in.src[at:]...)
}

func (in *instrumenter) offset(p token.Pos) int { return in.fset.Position(p).Offset }

func (in *instrumenter) insert(p token.Pos, text string) {
	in.edits = append(in.edits, edit{from: in.offset(p), to: in.offset(p), text: text})
}

func (in *instrumenter) wrap(e ast.Expr, before, after string) {
	in.insert(e.Pos(), before)
	end := in.offset(e.End())
	in.edits = append(in.edits, edit{from: end, to: end, text: after, closes: true})
}

// add makes a mutant, and returns its number.
func (in *instrumenter) add(n ast.Node, what string) int {
	text := in.src[in.offset(n.Pos()):in.offset(n.End())]
	return in.addText(n, what, string(text))
}

func (in *instrumenter) addText(n ast.Node, what, text string) int {
	m := mutant{
		id: len(in.mutants) + 1, file: in.name, function: in.function, what: what,
		where: in.fset.Position(n.Pos()).String(), text: strings.Join(strings.Fields(text), " "),
	}
	key := m.key()
	m.again = in.seen[key]
	in.seen[key]++
	in.mutants = append(in.mutants, m)
	return m.id
}
