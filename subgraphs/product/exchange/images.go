package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/media"
)

// pictures reads the files that an import names.
type pictures struct {
	files fs.FS
	read  map[string]picture // by path
}

type picture struct {
	media.Picture
	err error
}

// at recognises the picture at a path beside the file.
func (p pictures) at(name string) (media.Picture, error) {
	known, there := p.read[name]
	if !there {
		known.Picture, known.err = p.load(name)
		known.Picture = known.WithoutContent()
		p.read[name] = known
	}
	return known.Picture, known.err
}

func (p pictures) load(name string) (media.Picture, error) {
	if p.files == nil || !fs.ValidPath(name) {
		return media.Picture{}, errors.New("it is neither an address that begins with https:// nor a file beside the imported one")
	}
	file, err := p.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return media.Picture{}, errors.New("there is no such file")
	}
	if err != nil {
		return media.Picture{}, errors.New("the file cannot be opened")
	}
	content, err := io.ReadAll(io.LimitReader(file, media.MaxBytes+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return media.Picture{}, errors.New("the file cannot be read")
	}
	return media.Read(content)
}

// keep copies all files into a folder and returns the names of those that were not there before, also when it fails.
func (p pictures) keep(dir string) ([]string, error) {
	var added []string
	for name, known := range p.read {
		loaded, err := p.load(name)
		if err != nil {
			return added, fmt.Errorf("copy picture %s: %w", name, err)
		}
		if loaded.Name != known.Name {
			return added, fmt.Errorf("copy picture %s: the file changed meanwhile", name)
		}
		fresh, err := loaded.Keep(dir)
		if err != nil {
			return added, err
		}
		if fresh {
			added = append(added, loaded.Name)
		}
	}
	return added, nil
}

// addImages reads the pictures of a product. A source that comes again is the same picture; positions order them, those
// without one come last.
func (p *parser) addImages(made *product.Product, rows []record) {
	positions := map[*product.Image]int{}
	for _, r := range rows {
		image := p.image(made, r, colImage)
		if image == nil {
			continue
		}
		if alt := r.optional(colImageAlt); alt != nil {
			image.AltText = alt
		}
		if position, there := r.fields[colImagePosition]; there {
			n, err := strconv.Atoi(position)
			if err != nil || n < 1 {
				p.wrong(r, colImagePosition, "%q is not a position: 1, 2, 3 and so on.", position)
			}
			positions[image] = n
		} else if _, known := positions[image]; !known {
			positions[image] = math.MaxInt
		}
	}
	slices.SortStableFunc(made.Pictures, func(a, b *product.Image) int { return cmp.Compare(positions[a], positions[b]) })
}

// image returns the picture that a column names, nil where it is empty or wrong. It becomes one of the product's.
func (p *parser) image(made *product.Product, r record, column string) *product.Image {
	source, there := r.fields[column]
	if !there {
		return nil
	}
	image := &product.Image{Key: gid.New()}
	if strings.HasPrefix(source, "//") {
		source = "https:" + source
	}
	if strings.Contains(source, "://") {
		u, err := url.Parse(source)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			p.wrong(r, column, "%q is not the address of a picture.", source)
			return nil
		}
		image.Source = u.String()
	} else {
		known, err := p.pictures.at(path.Clean(source))
		if err != nil {
			p.wrong(r, column, "%q cannot be imported: %v.", source, err)
			return nil
		}
		image.Source, image.Width, image.Height = known.Name, known.Width, known.Height
	}
	if i := slices.IndexFunc(made.Pictures, func(o *product.Image) bool { return o.Source == image.Source }); i >= 0 {
		return made.Pictures[i]
	}
	made.Pictures = append(made.Pictures, image)
	return image
}
