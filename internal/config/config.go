// Package config reads every setting: from a flag, else an environment variable, else a file, else its default.
package config

import (
	"os"
	"slices"
	"time"
)

// Services are the names of what the program can run, in the order in which they start.
var Services = []string{"product", "cart", "checkout", "customer", "router"}

// Command is the command line: one field for each command.
type Command struct {
	Serve       Serve       `cmd:"" default:"withargs" help:"Run the shop, or only the named services."`
	Servers     Servers     `cmd:"" help:"Run a PostgreSQL and a Redis for the services, and write what each service needs to know to files."`
	Compose     Compose     `cmd:"" help:"Compose the schemas of subgraphs into a supergraph, or say why that cannot be."`
	Plan        Plan        `cmd:"" help:"Show how the router would carry out an operation."`
	Fakepay     Fakepay     `cmd:"" help:"Run the payment gateway for tests and demonstrations."`
	Import      Import      `cmd:"" help:"Load a product export of another platform into the shop."`
	Events      Events      `cmd:"" help:"Show how far the services have told and followed events, and repair what went wrong."`
	Databases   Databases   `cmd:"" help:"Make the databases and roles of the services in a PostgreSQL, with the names and passwords that their addresses have."`
	Health      Health      `cmd:"" help:"Ask an address whether it is well; ends with 0 if it is."`
	Config      Config      `cmd:"" help:"Check or show settings."`
	Admin       Admin       `cmd:"" help:"Administer the shop."`
	WithServers WithServers `cmd:"" hidden:"" help:"Run a command while a throw-away PostgreSQL and Redis are there for tests."`
}

// Serve runs the shop or a part of it.
type Serve struct {
	Services []string `arg:"" optional:"" help:"product, cart, checkout, customer, router; without names the whole shop starts, with the servers it needs."`

	Listen     string            `default:"127.0.0.1:4000" env:"SOUK_LISTEN" placeholder:"ADDRESS" help:"Where the router answers (${default})."`
	Subgraphs  map[string]string `name:"subgraph" mapsep:"," env:"SOUK_SUBGRAPHS" placeholder:"NAME=URL" help:"The address of the graph of a service that runs elsewhere. May be repeated."`
	Supergraph string            `type:"existingfile" env:"SOUK_SUPERGRAPH" placeholder:"FILE" help:"Let the router serve this supergraph, whoever composed it, with the subgraphs at the addresses in it; only with the service router."`
	Wait       time.Duration     `default:"15s" env:"SOUK_WAIT" help:"How long to wait at start for databases and other services (${default})."`
	StopWait   string            `name:"stop-wait" default:"auto" env:"SOUK_STOP_WAIT" placeholder:"DURATION" help:"How long to go on answering after SIGTERM, while /readyz says no: until nobody sends requests here any more. auto (${default}) is 5s where SOUK_ENV is production, else 0s."`
	Share      string            `name:"share-requests" enum:"off,all" default:"off" env:"SOUK_SHARE_REQUESTS" help:"Let the router ask a subgraph once for equal queries that are under way at the same time: off or all (${default})."`
	Demo       string            `enum:"auto,on,off" default:"auto" env:"SOUK_DEMO" help:"Whether to load the demonstration catalogue: on, what is missing of it; off; or auto (${default}), only where the whole shop starts without any product. Never where SOUK_ENV is production."`
	Cache      string            `enum:"on,off" default:"on" env:"SOUK_CACHE" help:"Whether to keep products, collections and their lists in Redis: on or off (${default})."`
	Schemas    map[string]string `name:"schema" mapsep:"," env:"SOUK_SCHEMAS" placeholder:"NAME=FILE" help:"A file with the schema of a subgraph that runs elsewhere, which is then not asked for it. May be repeated."`
	Beside     []string          `sep:"none" env:"SOUK_BESIDE" placeholder:"COMMAND" help:"A program to run beside the whole shop, such as a subgraph of your own; started again when it ends. May be repeated."`
	Storefront string            `env:"SOUK_STOREFRONT" placeholder:"COMMAND" help:"A storefront to run beside the whole shop, at the address of --storefront-url. Here and in --beside, {graph} stands for the address of the graph."`
	Dev        bool              `env:"SOUK_DEV" help:"Show introspection, internal errors and request counts to everybody. Always on where the whole shop starts."`

	AdminListen string `name:"admin-listen" env:"SOUK_ADMIN_LISTEN" placeholder:"ADDRESS" help:"Where metrics and health are told, or off. By default 127.0.0.1:9464, or a free port, where the whole shop starts, else off."`

	IDPattern string `name:"id-pattern" default:"^gid://souk/([A-Za-z_][0-9A-Za-z_]*)/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}([?].*)?$" env:"SOUK_ID_PATTERN" placeholder:"REGEXP" help:"How the ids are written that the router resolves in the fields node and nodes: the first group is the type. Empty: there are no such fields."`

	Introspection string `enum:"auto,on,off" default:"auto" env:"SOUK_INTROSPECTION" help:"Whether clients may ask for the schema: on, off, or auto, which is on unless SOUK_ENV is production (${default})."`

	Product  Service `embed:"" prefix:"product-" envprefix:"SOUK_PRODUCT_"`
	Cart     Service `embed:"" prefix:"cart-" envprefix:"SOUK_CART_"`
	Checkout Service `embed:"" prefix:"checkout-" envprefix:"SOUK_CHECKOUT_"`
	Customer Service `embed:"" prefix:"customer-" envprefix:"SOUK_CUSTOMER_"`

	State
	Shop
	Log
}

// Service is how one service is run in a process of its own.
type Service struct {
	Listen string `env:"LISTEN" placeholder:"ADDRESS" help:"Where the service answers when it does not run with the whole shop."`
}

// Servers runs the servers that the services need.
type Servers struct {
	State
	Shop
	Log
}

// Fakepay runs the payment gateway for tests and demonstrations.
type Fakepay struct {
	Listen   string        `default:"127.0.0.1:4005" env:"SOUK_FAKEPAY_LISTEN" placeholder:"ADDRESS" help:"Where it answers (${default})."`
	Wait     time.Duration `default:"15s" env:"SOUK_WAIT" help:"How long to wait at start for the database (${default})."`
	StateDir string        `default:".souk" env:"SOUK_STATE_DIR" type:"path" hidden:"" help:"Not used: all services take it."`

	File
	Log
}

// Import loads a product export.
type Import struct {
	File        string `arg:"" help:"The file to read."`
	Format      string `required:"" enum:"shopify" help:"The format of the file: shopify (product CSV)."`
	Collections string `enum:"none,tags,types" default:"none" help:"Also put products into a collection for each of their tags or types: tags, types or none (${default})."`

	State
	Shop
	Log
}

// Events looks at and repairs what services tell each other.
type Events struct {
	Action  string `arg:"" enum:"status,retry,new-epoch,rebuild" help:"status: show how far all is. retry: try parked events again. new-epoch: begin a new epoch, after the database of a service was restored to an older state. rebuild: build what a service keeps of others again."`
	Service string `arg:"" optional:"" help:"product, cart, checkout or customer; all where none is named, except with new-epoch."`

	State
	Log
}

// Compose composes subgraphs.
type Compose struct {
	Subgraphs map[string]string `arg:"" optional:"" placeholder:"NAME=FILE" help:"The schemas; without any the shop's own."`
	Out       string            `short:"o" type:"path" placeholder:"FILE" help:"Where to write the supergraph; by default standard output."`
	Hints     bool              `help:"Also show what is allowed but perhaps not meant."`
}

// Plan shows the plan of an operation.
type Plan struct {
	File       string `arg:"" type:"existingfile" help:"A file with GraphQL operations."`
	Operation  string `placeholder:"NAME" help:"Which of the operations."`
	Variables  string `default:"{}" placeholder:"JSON" help:"The values of the variables that @skip and @include look at."`
	Supergraph string `type:"existingfile" placeholder:"FILE" help:"The supergraph; by default the shop's own."`
}

// Databases makes databases and roles.
type Databases struct {
	Names []string      `arg:"" optional:"" help:"product, cart, checkout, customer or fakepay; all whose addresses are set where none is named."`
	Wait  time.Duration `default:"15s" env:"SOUK_WAIT" help:"How long to wait for PostgreSQL (${default})."`

	File
	Log
}

// Health asks an address whether it is well.
type Health struct {
	URL     string        `arg:"" placeholder:"URL" help:"The address, such as http://127.0.0.1:4000/readyz."`
	Timeout time.Duration `default:"3s" help:"How long to wait for the answer (${default})."`
}

// WithServers runs a command with servers for tests.
type WithServers struct {
	Command []string `arg:"" passthrough:"" help:"The command and its arguments."`
	Install bool     `env:"INSTALL" help:"Install Debian packages of servers that are missing."`
}

// State is where the servers of a development machine come from and keep their data.
type State struct {
	StateDir string `default:".souk" env:"SOUK_STATE_DIR" type:"path" help:"The folder for data, passwords and logs (${default})."`
	PGBin    string `name:"pg-bin" env:"PG_BIN" placeholder:"DIR" help:"The folder with PostgreSQL's programs."`
	Install  bool   `env:"INSTALL" help:"Install Debian packages of servers that are missing."`

	File
}

// Shop is what all services of a shop must be told alike.
type Shop struct {
	Name          string   `name:"shop-name" default:"Souk" env:"SOUK_SHOP_NAME" help:"The name of the shop (${default})."`
	Currency      string   `default:"USD" env:"SOUK_CURRENCY" help:"The ISO 4217 code of the shop's currency (${default})."`
	Currencies    []string `env:"SOUK_CURRENCIES" placeholder:"CODE" help:"Further currencies that the shop sells in, for buyers of countries that use them; all prices must be there in each."`
	Language      string   `default:"en" env:"SOUK_LANGUAGE" placeholder:"TAG" help:"The language of the texts of the shop (${default})."`
	Languages     []string `env:"SOUK_LANGUAGES" placeholder:"TAG" help:"Further languages that the shop has translations in."`
	Country       string   `default:"US" env:"SOUK_COUNTRY" placeholder:"CODE" help:"The ISO 3166 code of the shop's country, which is that of requests that name none (${default})."`
	MediaURL      string   `name:"media-url" env:"SOUK_MEDIA_URL" placeholder:"URL" help:"The address below which product pictures are served; by default where product answers."`
	StorefrontURL string   `name:"storefront-url" default:"http://localhost:3000" env:"SOUK_STOREFRONT_URL" placeholder:"URL" help:"The address of the storefront, where buyers go to order (${default})."`
	MediaDir      string   `name:"media-dir" env:"SOUK_MEDIA_DIR" type:"path" placeholder:"DIR" help:"The folder of product pictures; by default media in the state folder."`

	Tests
}

// Tests is what is there for tests and demonstrations.
type Tests struct {
	FakepayURL string `name:"fakepay-url" env:"SOUK_FAKEPAY_URL" placeholder:"URL" help:"Where the payment gateway for tests and demonstrations answers; by default there is none, but where the whole shop starts."`
	TestMode   bool   `name:"test-mode" env:"SOUK_TEST_MODE" hidden:"" help:"Let tests see what is hidden otherwise; refused where SOUK_ENV is production."`
}

// Log is how the program tells what happens.
type Log struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"info" env:"SOUK_LOG_LEVEL" help:"The least important messages to show: debug, info, warn or error (${default})."`
	LogFormat string `enum:"text,json" default:"text" env:"SOUK_LOG_FORMAT" help:"How messages are written: text or json (${default})."`
}

// Programs are the command lines of what runs beside the whole shop.
func (s *Serve) Programs() []string {
	if s.Storefront == "" {
		return s.Beside
	}
	return append(slices.Clone(s.Beside), s.Storefront)
}

// Introspects tells whether clients may ask for the schema.
func (s *Serve) Introspects() bool {
	return s.Introspection == "on" || s.Introspection == "auto" && os.Getenv("SOUK_ENV") != "production"
}

// StopsAfter is how long the process goes on after it is told to stop.
func (s *Serve) StopsAfter() time.Duration {
	d, err := time.ParseDuration(s.StopWait)
	if err != nil && os.Getenv("SOUK_ENV") == "production" { // It is auto.
		return 5 * time.Second
	}
	return d
}

// Service returns the settings of a service by name.
func (s *Serve) Service(name string) Service {
	return map[string]Service{"product": s.Product, "cart": s.Cart, "checkout": s.Checkout, "customer": s.Customer}[name]
}
