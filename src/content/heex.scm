; What is coloured in HEEx, by the classes of `elixir.scm`: markup as words of the language, components as what they call.

["<" ">" "</" "/>" "<:" "</:" "<%" "<%=" "%>" "{" "}"] @punctuation
"=" @operator
(doctype) @constant
(comment) @comment
[(tag_name) (slot_name)] @keyword
(attribute_name) @property
(special_attribute_name) @attribute
[(attribute_value) (quoted_attribute_value)] @string
(component_name (module) @module)
(component_name (function) @function)
