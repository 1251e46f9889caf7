package product

import "github.com/google/uuid"

// Fields that have translations.
const (
	FieldTitle           = "title"            // of products and collections
	FieldText            = "description"      // likewise
	FieldDescriptionHTML = "description_html" // likewise
	FieldSEOTitle        = "seo_title"        // likewise
	FieldSEODescription  = "seo_description"  // likewise
	FieldName            = "name"             // of options and their values
	FieldAlt             = "alt"              // of pictures
)

// Subject is a text that can be translated: which field, and of what.
type Subject struct {
	Key   uuid.UUID // of a product, collection, option, value or picture
	Field string
}

// Translation is a text in another language than the shop's own.
type Translation struct {
	Owner uuid.UUID // the product or collection that the subject is, or is a part of
	Subject
	Language string // a tag in lower case: de, de-at
	Text     string
}

// Translate puts texts into another language. Those without a translation stay.
func (p *Product) Translate(texts map[Subject]string) {
	if len(texts) == 0 {
		return
	}
	replace(texts, p.Key, map[string]*string{FieldTitle: &p.Title, FieldText: &p.Text, FieldDescriptionHTML: &p.DescriptionHTML})
	p.Seo.translate(texts, p.Key)
	for _, o := range p.Options {
		replace(texts, o.Key, map[string]*string{FieldName: &o.Name})
		for _, v := range o.OptionValues {
			replace(texts, v.Key, map[string]*string{FieldName: &v.Name})
		}
	}
	for _, i := range p.Pictures {
		i.Translate(texts)
	}
}

// Translate puts the collection's own texts into another language. Those without a translation stay.
func (c *Collection) Translate(texts map[Subject]string) {
	if len(texts) == 0 {
		return
	}
	replace(texts, c.Key, map[string]*string{FieldTitle: &c.Title, FieldText: &c.Text, FieldDescriptionHTML: &c.DescriptionHTML})
	c.Seo.translate(texts, c.Key)
}

func (s *SEO) translate(texts map[Subject]string, key uuid.UUID) {
	if text, there := texts[Subject{key, FieldSEOTitle}]; there {
		s.Title = &text
	}
	if text, there := texts[Subject{key, FieldSEODescription}]; there {
		s.Description = &text
	}
}

// Translate puts what it shows into another language.
func (i *Image) Translate(texts map[Subject]string) {
	if text, there := texts[Subject{i.Key, FieldAlt}]; there {
		i.AltText = &text
	}
}

func replace(texts map[Subject]string, key uuid.UUID, fields map[string]*string) {
	for field, value := range fields {
		if text, there := texts[Subject{key, field}]; there {
			*value = text
		}
	}
}
