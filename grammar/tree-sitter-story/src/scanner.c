// What the grammar can't say: how deep a line stands, where a text ends, where a number ends.
//
// A line's depth is found as the reader of story.lark finds it: by the blanks before its first word, against those of
// the lines above. `_top` begins a line in the first column, `_line` one in a block, `_part` one under a beat. A margin
// that fits no line above, or that has a tab in it, is read as STRANGE, which no rule has, so that it is an ERROR and
// the line behind it is still read.

#include "tree_sitter/parser.h"

#include <stdlib.h>
#include <string.h>

enum {
  TOP,
  LINE,
  PART,
  NEWLINE,
  COMMENT,
  MARGIN,
  TEXT_START,
  PATH_START,
  TEXT_END,
  TEXT_CONTENT,
  ESCAPE,
  NUMBER,
  TIME,
  SIZE,
  STRANGE,
};

// Where the scanner is, beside being inside a line.
enum { INSIDE, BEFORE, BEHIND_MARGIN };

// What kind of text it is in: one of three quotes, a path, one that begins as paths do outside of the story's folder, one
// that may be a description as well.
enum { TEXT = 1, LONG = 2, PATH = 4, ABSOLUTE = 8, EITHER = 16 };

enum { DEEPEST = 16 };

typedef struct {
  uint8_t place;
  uint8_t text;
  uint8_t depth;
  uint16_t indents[DEEPEST];
} Scanner;

void *tree_sitter_story_external_scanner_create(void) {
  Scanner *scanner = calloc(1, sizeof(Scanner));
  if (scanner != NULL) {
    scanner->place = BEFORE;
  }
  return scanner;
}

void tree_sitter_story_external_scanner_destroy(void *payload) { free(payload); }

unsigned tree_sitter_story_external_scanner_serialize(void *payload, char *buffer) {
  const Scanner *scanner = payload;
  unsigned size = 0;
  buffer[size++] = (char)scanner->place;
  buffer[size++] = (char)scanner->text;
  buffer[size++] = (char)scanner->depth;
  for (unsigned level = 1; level <= scanner->depth; level++) {
    buffer[size++] = (char)(scanner->indents[level] & 0xff);
    buffer[size++] = (char)(scanner->indents[level] >> 8);
  }
  return size;
}

void tree_sitter_story_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Scanner *scanner = payload;
  memset(scanner, 0, sizeof(Scanner));
  scanner->place = BEFORE;
  if (length < 3) {
    return;
  }
  scanner->place = (uint8_t)buffer[0];
  scanner->text = (uint8_t)buffer[1];
  scanner->depth = (uint8_t)buffer[2];
  for (unsigned level = 1; level <= scanner->depth && 2 * level + 2 < length; level++) {
    scanner->indents[level] = (uint16_t)((uint8_t)buffer[2 * level + 1] | (uint8_t)buffer[2 * level + 2] << 8);
  }
}

static inline void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static inline bool at_line_end(TSLexer *lexer) {
  return lexer->lookahead == '\n' || lexer->lookahead == '\r' || lexer->eof(lexer);
}

static inline bool is_digit(int32_t letter) { return letter >= '0' && letter <= '9'; }

static inline bool is_letter(int32_t letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

// Letters beyond ASCII count as parts of words: nothing can stand there that begins with one.
static inline bool is_word(int32_t letter) {
  return is_letter(letter) || is_digit(letter) || letter == '_' || letter >= 0x80;
}

static inline bool found(TSLexer *lexer, TSSymbol symbol) {
  lexer->result_symbol = symbol;
  return true;
}

static bool comment(TSLexer *lexer) {
  while (!at_line_end(lexer)) {
    advance(lexer);
  }
  lexer->mark_end(lexer);
  return found(lexer, COMMENT);
}

// Lines

// Note how deep a line with so many blanks before it stands. Returns whether it fits the lines above.
static bool nest(Scanner *scanner, uint16_t indent) {
  while (scanner->depth > 0 && scanner->indents[scanner->depth] > indent &&
         scanner->indents[scanner->depth - 1] >= indent) {
    scanner->depth--;
  }
  if (indent > scanner->indents[scanner->depth]) {
    if (scanner->depth + 1 == DEEPEST) {
      return false;
    }
    scanner->indents[++scanner->depth] = indent;
  }
  return indent == scanner->indents[scanner->depth];
}

static bool line_begins(Scanner *scanner, TSLexer *lexer) {
  scanner->place = INSIDE;
  return found(lexer, scanner->depth == 0 ? TOP : scanner->depth == 1 ? LINE : scanner->depth == 2 ? PART : STRANGE);
}

static bool before_line(Scanner *scanner, TSLexer *lexer) {
  uint16_t indent = 0;
  bool tab = false;
  for (;;) {
    if (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
      tab = tab || lexer->lookahead == '\t';
      unsigned wider = indent + (lexer->lookahead == '\t' ? 2u : 1u);
      indent = wider > UINT16_MAX ? UINT16_MAX : (uint16_t)wider;
      advance(lexer);
    } else if (lexer->eof(lexer)) {
      return false;
    } else if (lexer->lookahead == '\n' || lexer->lookahead == '\r') {
      lexer->advance(lexer, true);
      indent = 0;
      tab = false;
    } else {
      break;
    }
  }
  if (lexer->lookahead == '#') {
    if (indent > 0) {
      lexer->mark_end(lexer);
      return found(lexer, MARGIN);
    }
    return comment(lexer);
  }
  lexer->mark_end(lexer);
  if (!nest(scanner, indent) || tab) {
    scanner->place = BEHIND_MARGIN;
    return found(lexer, STRANGE);
  }
  return line_begins(scanner, lexer);
}

// Texts

// The opening quotes of a text that has an end. Of one that has none, they are an ERROR with what stands in their line,
// or alone where there are three.
static bool text_begins(Scanner *scanner, TSLexer *lexer, bool is_path, bool is_text) {
  unsigned quotes = 0;
  while (quotes < 3 && lexer->lookahead == '"') {
    advance(lexer);
    quotes++;
    if (quotes != 2) {
      lexer->mark_end(lexer);
    }
  }
  uint8_t kind = (uint8_t)(TEXT | (is_path ? PATH : 0) | (is_path && is_text ? EITHER : 0) | (quotes == 3 ? LONG : 0));
  bool closed = quotes == 2;
  if (!closed) {
    bool is_drive = is_letter(lexer->lookahead);
    if (lexer->lookahead == '/' || lexer->lookahead == '\\') {
      kind |= ABSOLUTE;
    }
    unsigned run = 0;
    for (unsigned read = 0; !closed && !lexer->eof(lexer) && (quotes == 3 || !at_line_end(lexer)); read++) {
      if (read == 1 && is_drive && lexer->lookahead == ':') {
        kind |= ABSOLUTE;
      }
      if (quotes == 1 && lexer->lookahead == '\\') {
        advance(lexer);
        if (at_line_end(lexer)) {
          break;
        }
        advance(lexer);
        continue;
      }
      run = lexer->lookahead == '"' ? run + 1 : 0;
      closed = run == quotes;
      advance(lexer);
    }
  }
  if (!closed) {
    if (quotes == 1) {
      lexer->mark_end(lexer);
    }
    return found(lexer, STRANGE);
  }
  scanner->text = kind;
  return found(lexer, is_path ? PATH_START : TEXT_START);
}

// A piece of a text, which is known to end.
static bool inside_text(Scanner *scanner, TSLexer *lexer) {
  bool is_long = (scanner->text & LONG) != 0;
  unsigned read = 0;
  for (;; read++) {
    lexer->mark_end(lexer);
    if (lexer->eof(lexer)) {
      scanner->text = 0;  // what was read before the text was changed
      return false;
    }
    if (lexer->lookahead == '"') {
      if (!is_long) {
        break;
      }
      unsigned run = 0;
      while (run < 3 && lexer->lookahead == '"') {
        advance(lexer);
        run++;
      }
      if (run < 3) {
        continue;
      }
      if (read == 0) {
        lexer->mark_end(lexer);
        scanner->text = 0;
        return found(lexer, TEXT_END);
      }
      return found(lexer, TEXT_CONTENT);
    }
    if (lexer->lookahead == '\\' && (!is_long || (scanner->text & PATH))) {
      advance(lexer);
      int32_t letter = lexer->lookahead;
      bool known = letter == '"' || letter == '\\' || (letter == 'n' && (scanner->text & (PATH | EITHER)) != PATH);
      bool wrong = !known && !((scanner->text & PATH) && (scanner->text & ABSOLUTE));
      bool plain = is_long ? !wrong : !known && !wrong;
      if (plain) {
        if (!is_long || letter == '\\') {
          advance(lexer);
        }
        continue;
      }
      if (read > 0) {
        return found(lexer, TEXT_CONTENT);
      }
      advance(lexer);
      lexer->mark_end(lexer);
      return found(lexer, known ? ESCAPE : STRANGE);
    }
    advance(lexer);
  }
  if (read > 0) {
    return found(lexer, TEXT_CONTENT);
  }
  advance(lexer);
  lexer->mark_end(lexer);
  scanner->text = 0;
  return found(lexer, TEXT_END);
}

// Numbers

// A number with its unit, as the longest of what can stand there; STRANGE where a letter follows it.
static bool number(TSLexer *lexer) {
  TSSymbol symbol = NUMBER;
  bool negative = lexer->lookahead == '-', whole = true;
  if (negative) {
    advance(lexer);
  }
  bool some = is_digit(lexer->lookahead);
  while (is_digit(lexer->lookahead)) {
    advance(lexer);
  }
  lexer->mark_end(lexer);
  if (lexer->lookahead == '.') {
    advance(lexer);
    if (!is_digit(lexer->lookahead)) {
      return some && found(lexer, symbol);
    }
    whole = false;
    while (is_digit(lexer->lookahead)) {
      advance(lexer);
    }
  } else if (!some) {
    return false;
  }
  lexer->mark_end(lexer);
  if (!negative && (lexer->lookahead == 's' || (whole && lexer->lookahead == 'x'))) {
    symbol = lexer->lookahead == 's' ? TIME : SIZE;
    advance(lexer);
    if (symbol == SIZE && !is_digit(lexer->lookahead)) {
      symbol = STRANGE;
    }
    while (symbol == SIZE && is_digit(lexer->lookahead)) {
      advance(lexer);
    }
    if (lexer->lookahead == '-') {
      symbol = STRANGE;
    }
  }
  if (is_word(lexer->lookahead) || symbol == STRANGE) {
    symbol = STRANGE;
    while (is_word(lexer->lookahead) || lexer->lookahead == '-' || lexer->lookahead == '.') {
      advance(lexer);
    }
  }
  lexer->mark_end(lexer);
  return found(lexer, symbol);
}

bool tree_sitter_story_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  if (scanner->text) {
    return inside_text(scanner, lexer);
  }
  lexer->mark_end(lexer);
  if (scanner->place == BEFORE) {
    return before_line(scanner, lexer);
  }
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
    lexer->advance(lexer, true);
  }
  if (scanner->place == BEHIND_MARGIN) {
    lexer->mark_end(lexer);
    return line_begins(scanner, lexer);
  }
  if (lexer->lookahead == '#') {
    return comment(lexer);
  }
  if (at_line_end(lexer)) {
    scanner->place = BEFORE;
    lexer->mark_end(lexer);
    return found(lexer, NEWLINE);
  }
  if (lexer->lookahead == '"') {
    bool recovering = valid[TOP] && valid[NUMBER];
    return text_begins(scanner, lexer, valid[PATH_START] && !recovering, valid[TEXT_START]);
  }
  if (is_digit(lexer->lookahead) || lexer->lookahead == '.' || lexer->lookahead == '-') {
    return number(lexer);
  }
  return false;
}
