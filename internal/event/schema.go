package event

import "embed"

// Schemas has the JSON schemas of events: schemas/envelope.json, and schemas/TYPE.json for the data of each type. They are
// the contract with those who follow events; changes are additive (rule E-2).
//
//go:embed schemas/*.json
var Schemas embed.FS
