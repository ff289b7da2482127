package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is one change of one condition.
type mutant struct {
	id       int
	where    string // file:line
	file     string
	function string
	what     string // "never", "negated", "without"
	text     string // the condition
}

// key names the mutant by what does not move when lines do.
func (m mutant) key() string {
	return strings.Join([]string{m.file, m.function, m.what, m.text}, " | ")
}

// instrument writes the package with every condition made to ask which mutant is
// on, and returns the mutants and the overlay file for the go command.
func instrument(path, dir string) ([]mutant, string, error) {
	files, err := filepath.Glob(filepath.Join(path, "*.go"))
	if err != nil {
		return nil, "", err
	}
	in := &instrumenter{fset: token.NewFileSet(), base: filepath.Clean(path)}
	overlay := map[string]string{}
	name := ""
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		out := filepath.Join(dir, strings.ReplaceAll(f, string(filepath.Separator), "_"))
		if name, err = in.file(f, out); err != nil {
			return nil, "", err
		}
		if err := replaceBy(overlay, f, out); err != nil {
			return nil, "", err
		}
	}
	extra := filepath.Join(dir, strings.ReplaceAll(in.base, string(filepath.Separator), "_")+"_mutant.go")
	if err := os.WriteFile(extra, fmt.Appendf(nil, selector, name), 0o600); err != nil {
		return nil, "", err
	}
	if err := replaceBy(overlay, filepath.Join(path, "mutant_on.go"), extra); err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return in.mutants, file, os.WriteFile(file, text, 0o600)
}

func replaceBy(overlay map[string]string, from, to string) error {
	full, err := filepath.Abs(from)
	overlay[full] = to
	return err
}

// selector is the file that is added to the package.
const selector = `package %s

import (
	"os"
	"strconv"
)

var mutantNumber, _ = strconv.Atoi(os.Getenv("` + variable + `"))

func mutantOn(n int) bool { return mutantNumber == n }
`

// variable chooses the mutant.
const variable = "TAMGA_CONDITION"

type instrumenter struct {
	fset     *token.FileSet
	base     string
	name     string // of the file in hand
	function string
	mutants  []mutant
}

func (in *instrumenter) file(path, out string) (string, error) {
	file, err := parser.ParseFile(in.fset, path, nil, 0)
	if err != nil {
		return "", err
	}
	in.name = filepath.ToSlash(filepath.Join(in.base, filepath.Base(path)))
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			in.function = f.Name.Name
			ast.Inspect(f.Body, in.visit)
		}
	}
	var buf bytes.Buffer
	if err := format.Node(&buf, in.fset, file); err != nil {
		return "", err
	}
	return file.Name.Name, os.WriteFile(out, buf.Bytes(), 0o600)
}

// visit changes the conditions of a node. What it puts in their place is not
// visited again, because the parts have been visited first.
func (in *instrumenter) visit(n ast.Node) bool {
	switch s := n.(type) {
	case *ast.IfStmt:
		s.Cond = in.condition(s.Cond)
	case *ast.SwitchStmt:
		if s.Tag != nil {
			break
		}
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			for i := range clause.List {
				clause.List[i] = in.condition(clause.List[i])
			}
		}
	case *ast.ReturnStmt:
		for i := range s.Results {
			s.Results[i] = in.operands(s.Results[i])
		}
	}
	return true
}

// condition is c, unless one of its mutants is on: "never" makes it false,
// "negated" turns it round, and each operand of && and || can be left out.
func (in *instrumenter) condition(c ast.Expr) ast.Expr {
	never := in.add(c, "never")
	negated := in.add(c, "negated")
	c = in.operands(c)
	return &ast.BinaryExpr{
		X:  &ast.BinaryExpr{X: paren(c), Op: token.LAND, Y: not(never)},
		Op: token.NEQ, Y: negated,
	}
}

func (in *instrumenter) operands(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.ParenExpr:
		x.X = in.operands(x.X)
	case *ast.BinaryExpr:
		if x.Op != token.LAND && x.Op != token.LOR {
			return e
		}
		x.X, x.Y = in.without(x.X, x.Op), in.without(x.Y, x.Op)
	}
	return e
}

// without leaves an operand out: true where all must hold, false where one is
// enough.
func (in *instrumenter) without(e ast.Expr, op token.Token) ast.Expr {
	if nested, ok := e.(*ast.BinaryExpr); ok && nested.Op == op {
		return in.operands(e)
	}
	on := in.add(e, "without")
	e = in.operands(e)
	if op == token.LAND {
		return paren(&ast.BinaryExpr{X: paren(e), Op: token.LOR, Y: on})
	}
	return paren(&ast.BinaryExpr{X: paren(e), Op: token.LAND, Y: not(on)})
}

// add makes a mutant, and the expression that asks whether it is on.
func (in *instrumenter) add(e ast.Expr, what string) ast.Expr {
	var text bytes.Buffer
	_ = format.Node(&text, in.fset, e) // for people; an empty one would be seen in the list
	m := mutant{
		id: len(in.mutants) + 1, file: in.name, function: in.function, what: what,
		where: in.fset.Position(e.Pos()).String(), text: strings.Join(strings.Fields(text.String()), " "),
	}
	in.mutants = append(in.mutants, m)
	return &ast.CallExpr{Fun: ast.NewIdent("mutantOn"), Args: []ast.Expr{
		&ast.BasicLit{Kind: token.INT, Value: fmt.Sprint(m.id)},
	}}
}

func paren(e ast.Expr) ast.Expr { return &ast.ParenExpr{X: e} }

func not(e ast.Expr) ast.Expr { return &ast.UnaryExpr{Op: token.NOT, X: e} }
