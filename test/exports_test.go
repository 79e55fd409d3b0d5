package test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An exports has the exported names of our packages, as "plugin/pool.Tracker" and
// "plugin/pool.Tracker.View".
type exports struct {
	t        *testing.T
	fset     *token.FileSet
	importer types.Importer
	declared map[string]types.Object
	used     map[string]bool // by other packages
	required map[string]bool // methods of interfaces, as "Close()(error,)", or "Start" of a generic one
	visited  map[types.Type]bool
}

// newExports returns an exports without names, which reads imported packages from the export data of
// the compiler.
func newExports(t *testing.T) *exports {
	t.Helper()
	args := []string{"-deps", "-export", "./...", "./cmd/failoverctl"}
	for _, p := range list(t, "./...", "./cmd/failoverctl") {
		args = append(args, slices.Concat(p.TestImports, p.XTestImports)...)
	}
	files := make(map[string]string)
	for _, p := range list(t, args...) {
		files[p.ImportPath] = p.Export
	}
	e := &exports{
		t:        t,
		fset:     token.NewFileSet(),
		declared: make(map[string]types.Object),
		used:     make(map[string]bool),
		required: make(map[string]bool),
		visited:  make(map[types.Type]bool),
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
	e.importer = importer.ForCompiler(e.fset, "gc", open)
	e.require(types.Universe)
	return e
}

// require adds the methods of the interfaces that are declared in a scope.
func (e *exports) require(scope *types.Scope) {
	for _, name := range scope.Names() {
		e.requireType(scope.Lookup(name).Type())
	}
}

// requireType adds the methods of t, if it is an interface.
func (e *exports) requireType(t types.Type) {
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		return
	}
	n, ok := t.(*types.Named)
	generic := ok && n.TypeParams().Len() > 0
	for m := range i.Methods() {
		e.required[signatureOf(m)] = true
		if generic {
			e.required[m.Name()] = true
		}
	}
}

// read reads a package and its tests.
func (e *exports) read(p goPackage) {
	pkg := e.check(p.ImportPath, p.ImportPath, p.Dir, slices.Concat(p.GoFiles, p.TestGoFiles))
	if p.Name != "main" {
		e.declare(pkg)
	}
	e.require(pkg.Scope())
	for _, imported := range pkg.Imports() {
		e.require(imported.Scope())
	}
	e.check(p.ImportPath, p.ImportPath+"_test", p.Dir, p.XTestGoFiles)
}

// check type-checks files, which are those of the package or of its external tests, and adds what they
// use. Type errors are ignored: a test has two versions of its package, one with its own files and one
// that other packages import.
func (e *exports) check(path, name, dir string, names []string) *types.Package {
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(e.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			e.t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Importer: e.importer, Error: func(error) {}}
	pkg, _ := config.Check(name, e.fset, files, info)
	e.use(path, info)
	return pkg
}

// declare adds the exported names of a package, without those of its tests.
func (e *exports) declare(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(name)
		e.add(o)
		if t, ok := o.Type().(*types.Named); ok && t.Obj() == o && o.Exported() {
			for m := range t.Methods() {
				e.add(m)
			}
		}
	}
}

func (e *exports) add(o types.Object) {
	if o.Exported() && !strings.HasSuffix(e.fset.File(o.Pos()).Name(), "_test.go") {
		e.declared[nameOf(o)] = o
	}
}

// use adds the names of our other packages that a package uses, and the types of those names.
func (e *exports) use(path string, info *types.Info) {
	for expr, t := range info.Types {
		if _, ok := expr.(*ast.InterfaceType); ok {
			e.requireType(t.Type)
		}
	}
	for _, o := range info.Uses {
		if !isOurs(o) || o.Pkg().Path() == path {
			continue
		}
		e.used[nameOf(o)] = true
		e.useType(o.Type())
	}
}

// useType adds our types in t.
func (e *exports) useType(t types.Type) {
	if e.visited[t] {
		return
	}
	e.visited[t] = true
	switch t := t.(type) {
	case *types.Named:
		if isOurs(t.Obj()) {
			e.used[nameOf(t.Obj())] = true
			e.useType(t.Underlying())
		}
		for arg := range t.TypeArgs().Types() {
			e.useType(arg)
		}
	case *types.TypeParam:
		e.useType(t.Constraint())
	case *types.Signature:
		for p := range t.TypeParams().TypeParams() {
			e.useType(p)
		}
		e.useType(t.Params())
		e.useType(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			e.useType(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				e.useType(f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			e.useType(m.Type())
		}
	case *types.Map:
		e.useType(t.Key())
		e.useType(t.Elem())
	case interface{ Elem() types.Type }: // array, slice, pointer, channel
		e.useType(t.Elem())
	}
}

// isUsed reports whether another package uses an exported name. A method of an interface is used, and
// so is a constant of a type that is used.
func (e *exports) isUsed(name string) bool {
	switch o := e.declared[name].(type) {
	case *types.Func:
		return e.used[name] || o.Signature().Recv() != nil && (e.required[o.Name()] || e.required[signatureOf(o)])
	case *types.Const:
		t, ok := o.Type().(*types.Named)
		return e.used[name] || ok && e.used[nameOf(t.Obj())]
	default:
		return e.used[name]
	}
}

func isOurs(o types.Object) bool {
	return o.Pkg() != nil && strings.HasPrefix(o.Pkg().Path()+"/", module+"/")
}

// nameOf returns the name of an object of a package, or of a method.
func nameOf(o types.Object) string {
	prefix := ours(o.Pkg().Path()) + "."
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		t := f.Signature().Recv().Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := t.(*types.Named); ok {
			prefix += n.Obj().Name() + "."
		}
	}
	return prefix + o.Name()
}

// signatureOf returns the name of a method and the types that it takes and returns.
func signatureOf(m *types.Func) string {
	var b strings.Builder
	b.WriteString(m.Name())
	for _, tuple := range []*types.Tuple{m.Signature().Params(), m.Signature().Results()} {
		b.WriteByte('(')
		for v := range tuple.Variables() {
			b.WriteString(types.TypeString(v.Type(), nil) + ",")
		}
		b.WriteByte(')')
	}
	return b.String()
}
