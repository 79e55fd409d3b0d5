// Package corefile turns the failover blocks of a Corefile into plain
// configuration.
//
// It dials, starts and registers nothing, and reads files only to refuse those that
// cannot be used. What it returns is complete: defaults are filled in, inheritance is
// resolved, names are absolute and in lower case. An error names the file and the line,
// and never has the value of a secret.
//
// It works in four steps:
//
//   - internal/syntax turns the tokens into a tree of lines, and reads the lines of
//     each pair of braces by a table of properties.
//   - Blocks and their records (block.go), pools (pool.go) and endpoints (endpoint.go) are
//     kept as written; internal/check keeps the checks of each.
//   - When a block has been read, its records are resolved: what a record inherits,
//     the defaults, and the checks of each endpoint (resolve.go).
//   - When all blocks of a server block have been read, its records are validated
//     together (validate.go).
//
// To add a property of a block, a record or a pool:
//
//  1. Add it to the table of its place: blockProperties, recordProperties (block.go) or
//     poolProperties (pool.go). The table refuses a wrong number of arguments, a second
//     line, and braces.
//  2. Write the method that reads its line into the block or poolBlock. If it depends
//     on other properties, keep the line, and parse it in poolBlock.complete or in
//     resolve.
//  3. If records inherit it from their block, let nil or no line mean
//     "not set", and choose in resolve.
//  4. Add the wrong values to refuse_test.go, and the property to the table of the
//     manual.
//
// A property of a check is added in internal/check, whose documentation says how.
package corefile
