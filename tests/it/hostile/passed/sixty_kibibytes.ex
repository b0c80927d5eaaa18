# Honest: a source nearly as long as it may be.
defmodule Target do
  @moduledoc """
  Line 0 of a long explanation that somebody wrote with care and left in the source.
  Line 1 of a long explanation that somebody wrote with care and left in the source.
  Line 2 of a long explanation that somebody wrote with care and left in the source.
  Line 3 of a long explanation that somebody wrote with care and left in the source.
  Line 4 of a long explanation that somebody wrote with care and left in the source.
  Line 5 of a long explanation that somebody wrote with care and left in the source.
  Line 6 of a long explanation that somebody wrote with care and left in the source.
  Line 7 of a long explanation that somebody wrote with care and left in the source.
  Line 8 of a long explanation that somebody wrote with care and left in the source.
  Line 9 of a long explanation that somebody wrote with care and left in the source.
  Line 10 of a long explanation that somebody wrote with care and left in the source.
  Line 11 of a long explanation that somebody wrote with care and left in the source.
  Line 12 of a long explanation that somebody wrote with care and left in the source.
  Line 13 of a long explanation that somebody wrote with care and left in the source.
  Line 14 of a long explanation that somebody wrote with care and left in the source.
  Line 15 of a long explanation that somebody wrote with care and left in the source.
  Line 16 of a long explanation that somebody wrote with care and left in the source.
  Line 17 of a long explanation that somebody wrote with care and left in the source.
  Line 18 of a long explanation that somebody wrote with care and left in the source.
  Line 19 of a long explanation that somebody wrote with care and left in the source.
  Line 20 of a long explanation that somebody wrote with care and left in the source.
  Line 21 of a long explanation that somebody wrote with care and left in the source.
  Line 22 of a long explanation that somebody wrote with care and left in the source.
  Line 23 of a long explanation that somebody wrote with care and left in the source.
  Line 24 of a long explanation that somebody wrote with care and left in the source.
  Line 25 of a long explanation that somebody wrote with care and left in the source.
  Line 26 of a long explanation that somebody wrote with care and left in the source.
  Line 27 of a long explanation that somebody wrote with care and left in the source.
  Line 28 of a long explanation that somebody wrote with care and left in the source.
  Line 29 of a long explanation that somebody wrote with care and left in the source.
  Line 30 of a long explanation that somebody wrote with care and left in the source.
  Line 31 of a long explanation that somebody wrote with care and left in the source.
  Line 32 of a long explanation that somebody wrote with care and left in the source.
  Line 33 of a long explanation that somebody wrote with care and left in the source.
  Line 34 of a long explanation that somebody wrote with care and left in the source.
  Line 35 of a long explanation that somebody wrote with care and left in the source.
  Line 36 of a long explanation that somebody wrote with care and left in the source.
  Line 37 of a long explanation that somebody wrote with care and left in the source.
  Line 38 of a long explanation that somebody wrote with care and left in the source.
  Line 39 of a long explanation that somebody wrote with care and left in the source.
  Line 40 of a long explanation that somebody wrote with care and left in the source.
  Line 41 of a long explanation that somebody wrote with care and left in the source.
  Line 42 of a long explanation that somebody wrote with care and left in the source.
  Line 43 of a long explanation that somebody wrote with care and left in the source.
  Line 44 of a long explanation that somebody wrote with care and left in the source.
  Line 45 of a long explanation that somebody wrote with care and left in the source.
  Line 46 of a long explanation that somebody wrote with care and left in the source.
  Line 47 of a long explanation that somebody wrote with care and left in the source.
  Line 48 of a long explanation that somebody wrote with care and left in the source.
  Line 49 of a long explanation that somebody wrote with care and left in the source.
  Line 50 of a long explanation that somebody wrote with care and left in the source.
  Line 51 of a long explanation that somebody wrote with care and left in the source.
  Line 52 of a long explanation that somebody wrote with care and left in the source.
  Line 53 of a long explanation that somebody wrote with care and left in the source.
  Line 54 of a long explanation that somebody wrote with care and left in the source.
  Line 55 of a long explanation that somebody wrote with care and left in the source.
  Line 56 of a long explanation that somebody wrote with care and left in the source.
  Line 57 of a long explanation that somebody wrote with care and left in the source.
  Line 58 of a long explanation that somebody wrote with care and left in the source.
  Line 59 of a long explanation that somebody wrote with care and left in the source.
  Line 60 of a long explanation that somebody wrote with care and left in the source.
  Line 61 of a long explanation that somebody wrote with care and left in the source.
  Line 62 of a long explanation that somebody wrote with care and left in the source.
  Line 63 of a long explanation that somebody wrote with care and left in the source.
  Line 64 of a long explanation that somebody wrote with care and left in the source.
  Line 65 of a long explanation that somebody wrote with care and left in the source.
  Line 66 of a long explanation that somebody wrote with care and left in the source.
  Line 67 of a long explanation that somebody wrote with care and left in the source.
  Line 68 of a long explanation that somebody wrote with care and left in the source.
  Line 69 of a long explanation that somebody wrote with care and left in the source.
  Line 70 of a long explanation that somebody wrote with care and left in the source.
  Line 71 of a long explanation that somebody wrote with care and left in the source.
  Line 72 of a long explanation that somebody wrote with care and left in the source.
  Line 73 of a long explanation that somebody wrote with care and left in the source.
  Line 74 of a long explanation that somebody wrote with care and left in the source.
  Line 75 of a long explanation that somebody wrote with care and left in the source.
  Line 76 of a long explanation that somebody wrote with care and left in the source.
  Line 77 of a long explanation that somebody wrote with care and left in the source.
  Line 78 of a long explanation that somebody wrote with care and left in the source.
  Line 79 of a long explanation that somebody wrote with care and left in the source.
  Line 80 of a long explanation that somebody wrote with care and left in the source.
  Line 81 of a long explanation that somebody wrote with care and left in the source.
  Line 82 of a long explanation that somebody wrote with care and left in the source.
  Line 83 of a long explanation that somebody wrote with care and left in the source.
  Line 84 of a long explanation that somebody wrote with care and left in the source.
  Line 85 of a long explanation that somebody wrote with care and left in the source.
  Line 86 of a long explanation that somebody wrote with care and left in the source.
  Line 87 of a long explanation that somebody wrote with care and left in the source.
  Line 88 of a long explanation that somebody wrote with care and left in the source.
  Line 89 of a long explanation that somebody wrote with care and left in the source.
  Line 90 of a long explanation that somebody wrote with care and left in the source.
  Line 91 of a long explanation that somebody wrote with care and left in the source.
  Line 92 of a long explanation that somebody wrote with care and left in the source.
  Line 93 of a long explanation that somebody wrote with care and left in the source.
  Line 94 of a long explanation that somebody wrote with care and left in the source.
  Line 95 of a long explanation that somebody wrote with care and left in the source.
  Line 96 of a long explanation that somebody wrote with care and left in the source.
  Line 97 of a long explanation that somebody wrote with care and left in the source.
  Line 98 of a long explanation that somebody wrote with care and left in the source.
  Line 99 of a long explanation that somebody wrote with care and left in the source.
  Line 100 of a long explanation that somebody wrote with care and left in the source.
  Line 101 of a long explanation that somebody wrote with care and left in the source.
  Line 102 of a long explanation that somebody wrote with care and left in the source.
  Line 103 of a long explanation that somebody wrote with care and left in the source.
  Line 104 of a long explanation that somebody wrote with care and left in the source.
  Line 105 of a long explanation that somebody wrote with care and left in the source.
  Line 106 of a long explanation that somebody wrote with care and left in the source.
  Line 107 of a long explanation that somebody wrote with care and left in the source.
  Line 108 of a long explanation that somebody wrote with care and left in the source.
  Line 109 of a long explanation that somebody wrote with care and left in the source.
  Line 110 of a long explanation that somebody wrote with care and left in the source.
  Line 111 of a long explanation that somebody wrote with care and left in the source.
  Line 112 of a long explanation that somebody wrote with care and left in the source.
  Line 113 of a long explanation that somebody wrote with care and left in the source.
  Line 114 of a long explanation that somebody wrote with care and left in the source.
  Line 115 of a long explanation that somebody wrote with care and left in the source.
  Line 116 of a long explanation that somebody wrote with care and left in the source.
  Line 117 of a long explanation that somebody wrote with care and left in the source.
  Line 118 of a long explanation that somebody wrote with care and left in the source.
  Line 119 of a long explanation that somebody wrote with care and left in the source.
  Line 120 of a long explanation that somebody wrote with care and left in the source.
  Line 121 of a long explanation that somebody wrote with care and left in the source.
  Line 122 of a long explanation that somebody wrote with care and left in the source.
  Line 123 of a long explanation that somebody wrote with care and left in the source.
  Line 124 of a long explanation that somebody wrote with care and left in the source.
  Line 125 of a long explanation that somebody wrote with care and left in the source.
  Line 126 of a long explanation that somebody wrote with care and left in the source.
  Line 127 of a long explanation that somebody wrote with care and left in the source.
  Line 128 of a long explanation that somebody wrote with care and left in the source.
  Line 129 of a long explanation that somebody wrote with care and left in the source.
  Line 130 of a long explanation that somebody wrote with care and left in the source.
  Line 131 of a long explanation that somebody wrote with care and left in the source.
  Line 132 of a long explanation that somebody wrote with care and left in the source.
  Line 133 of a long explanation that somebody wrote with care and left in the source.
  Line 134 of a long explanation that somebody wrote with care and left in the source.
  Line 135 of a long explanation that somebody wrote with care and left in the source.
  Line 136 of a long explanation that somebody wrote with care and left in the source.
  Line 137 of a long explanation that somebody wrote with care and left in the source.
  Line 138 of a long explanation that somebody wrote with care and left in the source.
  Line 139 of a long explanation that somebody wrote with care and left in the source.
  Line 140 of a long explanation that somebody wrote with care and left in the source.
  Line 141 of a long explanation that somebody wrote with care and left in the source.
  Line 142 of a long explanation that somebody wrote with care and left in the source.
  Line 143 of a long explanation that somebody wrote with care and left in the source.
  Line 144 of a long explanation that somebody wrote with care and left in the source.
  Line 145 of a long explanation that somebody wrote with care and left in the source.
  Line 146 of a long explanation that somebody wrote with care and left in the source.
  Line 147 of a long explanation that somebody wrote with care and left in the source.
  Line 148 of a long explanation that somebody wrote with care and left in the source.
  Line 149 of a long explanation that somebody wrote with care and left in the source.
  Line 150 of a long explanation that somebody wrote with care and left in the source.
  Line 151 of a long explanation that somebody wrote with care and left in the source.
  Line 152 of a long explanation that somebody wrote with care and left in the source.
  Line 153 of a long explanation that somebody wrote with care and left in the source.
  Line 154 of a long explanation that somebody wrote with care and left in the source.
  Line 155 of a long explanation that somebody wrote with care and left in the source.
  Line 156 of a long explanation that somebody wrote with care and left in the source.
  Line 157 of a long explanation that somebody wrote with care and left in the source.
  Line 158 of a long explanation that somebody wrote with care and left in the source.
  Line 159 of a long explanation that somebody wrote with care and left in the source.
  Line 160 of a long explanation that somebody wrote with care and left in the source.
  Line 161 of a long explanation that somebody wrote with care and left in the source.
  Line 162 of a long explanation that somebody wrote with care and left in the source.
  Line 163 of a long explanation that somebody wrote with care and left in the source.
  Line 164 of a long explanation that somebody wrote with care and left in the source.
  Line 165 of a long explanation that somebody wrote with care and left in the source.
  Line 166 of a long explanation that somebody wrote with care and left in the source.
  Line 167 of a long explanation that somebody wrote with care and left in the source.
  Line 168 of a long explanation that somebody wrote with care and left in the source.
  Line 169 of a long explanation that somebody wrote with care and left in the source.
  Line 170 of a long explanation that somebody wrote with care and left in the source.
  Line 171 of a long explanation that somebody wrote with care and left in the source.
  Line 172 of a long explanation that somebody wrote with care and left in the source.
  Line 173 of a long explanation that somebody wrote with care and left in the source.
  Line 174 of a long explanation that somebody wrote with care and left in the source.
  Line 175 of a long explanation that somebody wrote with care and left in the source.
  Line 176 of a long explanation that somebody wrote with care and left in the source.
  Line 177 of a long explanation that somebody wrote with care and left in the source.
  Line 178 of a long explanation that somebody wrote with care and left in the source.
  Line 179 of a long explanation that somebody wrote with care and left in the source.
  Line 180 of a long explanation that somebody wrote with care and left in the source.
  Line 181 of a long explanation that somebody wrote with care and left in the source.
  Line 182 of a long explanation that somebody wrote with care and left in the source.
  Line 183 of a long explanation that somebody wrote with care and left in the source.
  Line 184 of a long explanation that somebody wrote with care and left in the source.
  Line 185 of a long explanation that somebody wrote with care and left in the source.
  Line 186 of a long explanation that somebody wrote with care and left in the source.
  Line 187 of a long explanation that somebody wrote with care and left in the source.
  Line 188 of a long explanation that somebody wrote with care and left in the source.
  Line 189 of a long explanation that somebody wrote with care and left in the source.
  Line 190 of a long explanation that somebody wrote with care and left in the source.
  Line 191 of a long explanation that somebody wrote with care and left in the source.
  Line 192 of a long explanation that somebody wrote with care and left in the source.
  Line 193 of a long explanation that somebody wrote with care and left in the source.
  Line 194 of a long explanation that somebody wrote with care and left in the source.
  Line 195 of a long explanation that somebody wrote with care and left in the source.
  Line 196 of a long explanation that somebody wrote with care and left in the source.
  Line 197 of a long explanation that somebody wrote with care and left in the source.
  Line 198 of a long explanation that somebody wrote with care and left in the source.
  Line 199 of a long explanation that somebody wrote with care and left in the source.
  Line 200 of a long explanation that somebody wrote with care and left in the source.
  Line 201 of a long explanation that somebody wrote with care and left in the source.
  Line 202 of a long explanation that somebody wrote with care and left in the source.
  Line 203 of a long explanation that somebody wrote with care and left in the source.
  Line 204 of a long explanation that somebody wrote with care and left in the source.
  Line 205 of a long explanation that somebody wrote with care and left in the source.
  Line 206 of a long explanation that somebody wrote with care and left in the source.
  Line 207 of a long explanation that somebody wrote with care and left in the source.
  Line 208 of a long explanation that somebody wrote with care and left in the source.
  Line 209 of a long explanation that somebody wrote with care and left in the source.
  Line 210 of a long explanation that somebody wrote with care and left in the source.
  Line 211 of a long explanation that somebody wrote with care and left in the source.
  Line 212 of a long explanation that somebody wrote with care and left in the source.
  Line 213 of a long explanation that somebody wrote with care and left in the source.
  Line 214 of a long explanation that somebody wrote with care and left in the source.
  Line 215 of a long explanation that somebody wrote with care and left in the source.
  Line 216 of a long explanation that somebody wrote with care and left in the source.
  Line 217 of a long explanation that somebody wrote with care and left in the source.
  Line 218 of a long explanation that somebody wrote with care and left in the source.
  Line 219 of a long explanation that somebody wrote with care and left in the source.
  Line 220 of a long explanation that somebody wrote with care and left in the source.
  Line 221 of a long explanation that somebody wrote with care and left in the source.
  Line 222 of a long explanation that somebody wrote with care and left in the source.
  Line 223 of a long explanation that somebody wrote with care and left in the source.
  Line 224 of a long explanation that somebody wrote with care and left in the source.
  Line 225 of a long explanation that somebody wrote with care and left in the source.
  Line 226 of a long explanation that somebody wrote with care and left in the source.
  Line 227 of a long explanation that somebody wrote with care and left in the source.
  Line 228 of a long explanation that somebody wrote with care and left in the source.
  Line 229 of a long explanation that somebody wrote with care and left in the source.
  Line 230 of a long explanation that somebody wrote with care and left in the source.
  Line 231 of a long explanation that somebody wrote with care and left in the source.
  Line 232 of a long explanation that somebody wrote with care and left in the source.
  Line 233 of a long explanation that somebody wrote with care and left in the source.
  Line 234 of a long explanation that somebody wrote with care and left in the source.
  Line 235 of a long explanation that somebody wrote with care and left in the source.
  Line 236 of a long explanation that somebody wrote with care and left in the source.
  Line 237 of a long explanation that somebody wrote with care and left in the source.
  Line 238 of a long explanation that somebody wrote with care and left in the source.
  Line 239 of a long explanation that somebody wrote with care and left in the source.
  Line 240 of a long explanation that somebody wrote with care and left in the source.
  Line 241 of a long explanation that somebody wrote with care and left in the source.
  Line 242 of a long explanation that somebody wrote with care and left in the source.
  Line 243 of a long explanation that somebody wrote with care and left in the source.
  Line 244 of a long explanation that somebody wrote with care and left in the source.
  Line 245 of a long explanation that somebody wrote with care and left in the source.
  Line 246 of a long explanation that somebody wrote with care and left in the source.
  Line 247 of a long explanation that somebody wrote with care and left in the source.
  Line 248 of a long explanation that somebody wrote with care and left in the source.
  Line 249 of a long explanation that somebody wrote with care and left in the source.
  Line 250 of a long explanation that somebody wrote with care and left in the source.
  Line 251 of a long explanation that somebody wrote with care and left in the source.
  Line 252 of a long explanation that somebody wrote with care and left in the source.
  Line 253 of a long explanation that somebody wrote with care and left in the source.
  Line 254 of a long explanation that somebody wrote with care and left in the source.
  Line 255 of a long explanation that somebody wrote with care and left in the source.
  Line 256 of a long explanation that somebody wrote with care and left in the source.
  Line 257 of a long explanation that somebody wrote with care and left in the source.
  Line 258 of a long explanation that somebody wrote with care and left in the source.
  Line 259 of a long explanation that somebody wrote with care and left in the source.
  Line 260 of a long explanation that somebody wrote with care and left in the source.
  Line 261 of a long explanation that somebody wrote with care and left in the source.
  Line 262 of a long explanation that somebody wrote with care and left in the source.
  Line 263 of a long explanation that somebody wrote with care and left in the source.
  Line 264 of a long explanation that somebody wrote with care and left in the source.
  Line 265 of a long explanation that somebody wrote with care and left in the source.
  Line 266 of a long explanation that somebody wrote with care and left in the source.
  Line 267 of a long explanation that somebody wrote with care and left in the source.
  Line 268 of a long explanation that somebody wrote with care and left in the source.
  Line 269 of a long explanation that somebody wrote with care and left in the source.
  Line 270 of a long explanation that somebody wrote with care and left in the source.
  Line 271 of a long explanation that somebody wrote with care and left in the source.
  Line 272 of a long explanation that somebody wrote with care and left in the source.
  Line 273 of a long explanation that somebody wrote with care and left in the source.
  Line 274 of a long explanation that somebody wrote with care and left in the source.
  Line 275 of a long explanation that somebody wrote with care and left in the source.
  Line 276 of a long explanation that somebody wrote with care and left in the source.
  Line 277 of a long explanation that somebody wrote with care and left in the source.
  Line 278 of a long explanation that somebody wrote with care and left in the source.
  Line 279 of a long explanation that somebody wrote with care and left in the source.
  Line 280 of a long explanation that somebody wrote with care and left in the source.
  Line 281 of a long explanation that somebody wrote with care and left in the source.
  Line 282 of a long explanation that somebody wrote with care and left in the source.
  Line 283 of a long explanation that somebody wrote with care and left in the source.
  Line 284 of a long explanation that somebody wrote with care and left in the source.
  Line 285 of a long explanation that somebody wrote with care and left in the source.
  Line 286 of a long explanation that somebody wrote with care and left in the source.
  Line 287 of a long explanation that somebody wrote with care and left in the source.
  Line 288 of a long explanation that somebody wrote with care and left in the source.
  Line 289 of a long explanation that somebody wrote with care and left in the source.
  Line 290 of a long explanation that somebody wrote with care and left in the source.
  Line 291 of a long explanation that somebody wrote with care and left in the source.
  Line 292 of a long explanation that somebody wrote with care and left in the source.
  Line 293 of a long explanation that somebody wrote with care and left in the source.
  Line 294 of a long explanation that somebody wrote with care and left in the source.
  Line 295 of a long explanation that somebody wrote with care and left in the source.
  Line 296 of a long explanation that somebody wrote with care and left in the source.
  Line 297 of a long explanation that somebody wrote with care and left in the source.
  Line 298 of a long explanation that somebody wrote with care and left in the source.
  Line 299 of a long explanation that somebody wrote with care and left in the source.
  Line 300 of a long explanation that somebody wrote with care and left in the source.
  Line 301 of a long explanation that somebody wrote with care and left in the source.
  Line 302 of a long explanation that somebody wrote with care and left in the source.
  Line 303 of a long explanation that somebody wrote with care and left in the source.
  Line 304 of a long explanation that somebody wrote with care and left in the source.
  Line 305 of a long explanation that somebody wrote with care and left in the source.
  Line 306 of a long explanation that somebody wrote with care and left in the source.
  Line 307 of a long explanation that somebody wrote with care and left in the source.
  Line 308 of a long explanation that somebody wrote with care and left in the source.
  Line 309 of a long explanation that somebody wrote with care and left in the source.
  Line 310 of a long explanation that somebody wrote with care and left in the source.
  Line 311 of a long explanation that somebody wrote with care and left in the source.
  Line 312 of a long explanation that somebody wrote with care and left in the source.
  Line 313 of a long explanation that somebody wrote with care and left in the source.
  Line 314 of a long explanation that somebody wrote with care and left in the source.
  Line 315 of a long explanation that somebody wrote with care and left in the source.
  Line 316 of a long explanation that somebody wrote with care and left in the source.
  Line 317 of a long explanation that somebody wrote with care and left in the source.
  Line 318 of a long explanation that somebody wrote with care and left in the source.
  Line 319 of a long explanation that somebody wrote with care and left in the source.
  Line 320 of a long explanation that somebody wrote with care and left in the source.
  Line 321 of a long explanation that somebody wrote with care and left in the source.
  Line 322 of a long explanation that somebody wrote with care and left in the source.
  Line 323 of a long explanation that somebody wrote with care and left in the source.
  Line 324 of a long explanation that somebody wrote with care and left in the source.
  Line 325 of a long explanation that somebody wrote with care and left in the source.
  Line 326 of a long explanation that somebody wrote with care and left in the source.
  Line 327 of a long explanation that somebody wrote with care and left in the source.
  Line 328 of a long explanation that somebody wrote with care and left in the source.
  Line 329 of a long explanation that somebody wrote with care and left in the source.
  Line 330 of a long explanation that somebody wrote with care and left in the source.
  Line 331 of a long explanation that somebody wrote with care and left in the source.
  Line 332 of a long explanation that somebody wrote with care and left in the source.
  Line 333 of a long explanation that somebody wrote with care and left in the source.
  Line 334 of a long explanation that somebody wrote with care and left in the source.
  Line 335 of a long explanation that somebody wrote with care and left in the source.
  Line 336 of a long explanation that somebody wrote with care and left in the source.
  Line 337 of a long explanation that somebody wrote with care and left in the source.
  Line 338 of a long explanation that somebody wrote with care and left in the source.
  Line 339 of a long explanation that somebody wrote with care and left in the source.
  Line 340 of a long explanation that somebody wrote with care and left in the source.
  Line 341 of a long explanation that somebody wrote with care and left in the source.
  Line 342 of a long explanation that somebody wrote with care and left in the source.
  Line 343 of a long explanation that somebody wrote with care and left in the source.
  Line 344 of a long explanation that somebody wrote with care and left in the source.
  Line 345 of a long explanation that somebody wrote with care and left in the source.
  Line 346 of a long explanation that somebody wrote with care and left in the source.
  Line 347 of a long explanation that somebody wrote with care and left in the source.
  Line 348 of a long explanation that somebody wrote with care and left in the source.
  Line 349 of a long explanation that somebody wrote with care and left in the source.
  Line 350 of a long explanation that somebody wrote with care and left in the source.
  Line 351 of a long explanation that somebody wrote with care and left in the source.
  Line 352 of a long explanation that somebody wrote with care and left in the source.
  Line 353 of a long explanation that somebody wrote with care and left in the source.
  Line 354 of a long explanation that somebody wrote with care and left in the source.
  Line 355 of a long explanation that somebody wrote with care and left in the source.
  Line 356 of a long explanation that somebody wrote with care and left in the source.
  Line 357 of a long explanation that somebody wrote with care and left in the source.
  Line 358 of a long explanation that somebody wrote with care and left in the source.
  Line 359 of a long explanation that somebody wrote with care and left in the source.
  Line 360 of a long explanation that somebody wrote with care and left in the source.
  Line 361 of a long explanation that somebody wrote with care and left in the source.
  Line 362 of a long explanation that somebody wrote with care and left in the source.
  Line 363 of a long explanation that somebody wrote with care and left in the source.
  Line 364 of a long explanation that somebody wrote with care and left in the source.
  Line 365 of a long explanation that somebody wrote with care and left in the source.
  Line 366 of a long explanation that somebody wrote with care and left in the source.
  Line 367 of a long explanation that somebody wrote with care and left in the source.
  Line 368 of a long explanation that somebody wrote with care and left in the source.
  Line 369 of a long explanation that somebody wrote with care and left in the source.
  Line 370 of a long explanation that somebody wrote with care and left in the source.
  Line 371 of a long explanation that somebody wrote with care and left in the source.
  Line 372 of a long explanation that somebody wrote with care and left in the source.
  Line 373 of a long explanation that somebody wrote with care and left in the source.
  Line 374 of a long explanation that somebody wrote with care and left in the source.
  Line 375 of a long explanation that somebody wrote with care and left in the source.
  Line 376 of a long explanation that somebody wrote with care and left in the source.
  Line 377 of a long explanation that somebody wrote with care and left in the source.
  Line 378 of a long explanation that somebody wrote with care and left in the source.
  Line 379 of a long explanation that somebody wrote with care and left in the source.
  Line 380 of a long explanation that somebody wrote with care and left in the source.
  Line 381 of a long explanation that somebody wrote with care and left in the source.
  Line 382 of a long explanation that somebody wrote with care and left in the source.
  Line 383 of a long explanation that somebody wrote with care and left in the source.
  Line 384 of a long explanation that somebody wrote with care and left in the source.
  Line 385 of a long explanation that somebody wrote with care and left in the source.
  Line 386 of a long explanation that somebody wrote with care and left in the source.
  Line 387 of a long explanation that somebody wrote with care and left in the source.
  Line 388 of a long explanation that somebody wrote with care and left in the source.
  Line 389 of a long explanation that somebody wrote with care and left in the source.
  Line 390 of a long explanation that somebody wrote with care and left in the source.
  Line 391 of a long explanation that somebody wrote with care and left in the source.
  Line 392 of a long explanation that somebody wrote with care and left in the source.
  Line 393 of a long explanation that somebody wrote with care and left in the source.
  Line 394 of a long explanation that somebody wrote with care and left in the source.
  Line 395 of a long explanation that somebody wrote with care and left in the source.
  Line 396 of a long explanation that somebody wrote with care and left in the source.
  Line 397 of a long explanation that somebody wrote with care and left in the source.
  Line 398 of a long explanation that somebody wrote with care and left in the source.
  Line 399 of a long explanation that somebody wrote with care and left in the source.
  Line 400 of a long explanation that somebody wrote with care and left in the source.
  Line 401 of a long explanation that somebody wrote with care and left in the source.
  Line 402 of a long explanation that somebody wrote with care and left in the source.
  Line 403 of a long explanation that somebody wrote with care and left in the source.
  Line 404 of a long explanation that somebody wrote with care and left in the source.
  Line 405 of a long explanation that somebody wrote with care and left in the source.
  Line 406 of a long explanation that somebody wrote with care and left in the source.
  Line 407 of a long explanation that somebody wrote with care and left in the source.
  Line 408 of a long explanation that somebody wrote with care and left in the source.
  Line 409 of a long explanation that somebody wrote with care and left in the source.
  Line 410 of a long explanation that somebody wrote with care and left in the source.
  Line 411 of a long explanation that somebody wrote with care and left in the source.
  Line 412 of a long explanation that somebody wrote with care and left in the source.
  Line 413 of a long explanation that somebody wrote with care and left in the source.
  Line 414 of a long explanation that somebody wrote with care and left in the source.
  Line 415 of a long explanation that somebody wrote with care and left in the source.
  Line 416 of a long explanation that somebody wrote with care and left in the source.
  Line 417 of a long explanation that somebody wrote with care and left in the source.
  Line 418 of a long explanation that somebody wrote with care and left in the source.
  Line 419 of a long explanation that somebody wrote with care and left in the source.
  Line 420 of a long explanation that somebody wrote with care and left in the source.
  Line 421 of a long explanation that somebody wrote with care and left in the source.
  Line 422 of a long explanation that somebody wrote with care and left in the source.
  Line 423 of a long explanation that somebody wrote with care and left in the source.
  Line 424 of a long explanation that somebody wrote with care and left in the source.
  Line 425 of a long explanation that somebody wrote with care and left in the source.
  Line 426 of a long explanation that somebody wrote with care and left in the source.
  Line 427 of a long explanation that somebody wrote with care and left in the source.
  Line 428 of a long explanation that somebody wrote with care and left in the source.
  Line 429 of a long explanation that somebody wrote with care and left in the source.
  Line 430 of a long explanation that somebody wrote with care and left in the source.
  Line 431 of a long explanation that somebody wrote with care and left in the source.
  Line 432 of a long explanation that somebody wrote with care and left in the source.
  Line 433 of a long explanation that somebody wrote with care and left in the source.
  Line 434 of a long explanation that somebody wrote with care and left in the source.
  Line 435 of a long explanation that somebody wrote with care and left in the source.
  Line 436 of a long explanation that somebody wrote with care and left in the source.
  Line 437 of a long explanation that somebody wrote with care and left in the source.
  Line 438 of a long explanation that somebody wrote with care and left in the source.
  Line 439 of a long explanation that somebody wrote with care and left in the source.
  Line 440 of a long explanation that somebody wrote with care and left in the source.
  Line 441 of a long explanation that somebody wrote with care and left in the source.
  Line 442 of a long explanation that somebody wrote with care and left in the source.
  Line 443 of a long explanation that somebody wrote with care and left in the source.
  Line 444 of a long explanation that somebody wrote with care and left in the source.
  Line 445 of a long explanation that somebody wrote with care and left in the source.
  Line 446 of a long explanation that somebody wrote with care and left in the source.
  Line 447 of a long explanation that somebody wrote with care and left in the source.
  Line 448 of a long explanation that somebody wrote with care and left in the source.
  Line 449 of a long explanation that somebody wrote with care and left in the source.
  Line 450 of a long explanation that somebody wrote with care and left in the source.
  Line 451 of a long explanation that somebody wrote with care and left in the source.
  Line 452 of a long explanation that somebody wrote with care and left in the source.
  Line 453 of a long explanation that somebody wrote with care and left in the source.
  Line 454 of a long explanation that somebody wrote with care and left in the source.
  Line 455 of a long explanation that somebody wrote with care and left in the source.
  Line 456 of a long explanation that somebody wrote with care and left in the source.
  Line 457 of a long explanation that somebody wrote with care and left in the source.
  Line 458 of a long explanation that somebody wrote with care and left in the source.
  Line 459 of a long explanation that somebody wrote with care and left in the source.
  Line 460 of a long explanation that somebody wrote with care and left in the source.
  Line 461 of a long explanation that somebody wrote with care and left in the source.
  Line 462 of a long explanation that somebody wrote with care and left in the source.
  Line 463 of a long explanation that somebody wrote with care and left in the source.
  Line 464 of a long explanation that somebody wrote with care and left in the source.
  Line 465 of a long explanation that somebody wrote with care and left in the source.
  Line 466 of a long explanation that somebody wrote with care and left in the source.
  Line 467 of a long explanation that somebody wrote with care and left in the source.
  Line 468 of a long explanation that somebody wrote with care and left in the source.
  Line 469 of a long explanation that somebody wrote with care and left in the source.
  Line 470 of a long explanation that somebody wrote with care and left in the source.
  Line 471 of a long explanation that somebody wrote with care and left in the source.
  Line 472 of a long explanation that somebody wrote with care and left in the source.
  Line 473 of a long explanation that somebody wrote with care and left in the source.
  Line 474 of a long explanation that somebody wrote with care and left in the source.
  Line 475 of a long explanation that somebody wrote with care and left in the source.
  Line 476 of a long explanation that somebody wrote with care and left in the source.
  Line 477 of a long explanation that somebody wrote with care and left in the source.
  Line 478 of a long explanation that somebody wrote with care and left in the source.
  Line 479 of a long explanation that somebody wrote with care and left in the source.
  Line 480 of a long explanation that somebody wrote with care and left in the source.
  Line 481 of a long explanation that somebody wrote with care and left in the source.
  Line 482 of a long explanation that somebody wrote with care and left in the source.
  Line 483 of a long explanation that somebody wrote with care and left in the source.
  Line 484 of a long explanation that somebody wrote with care and left in the source.
  Line 485 of a long explanation that somebody wrote with care and left in the source.
  Line 486 of a long explanation that somebody wrote with care and left in the source.
  Line 487 of a long explanation that somebody wrote with care and left in the source.
  Line 488 of a long explanation that somebody wrote with care and left in the source.
  Line 489 of a long explanation that somebody wrote with care and left in the source.
  Line 490 of a long explanation that somebody wrote with care and left in the source.
  Line 491 of a long explanation that somebody wrote with care and left in the source.
  Line 492 of a long explanation that somebody wrote with care and left in the source.
  Line 493 of a long explanation that somebody wrote with care and left in the source.
  Line 494 of a long explanation that somebody wrote with care and left in the source.
  Line 495 of a long explanation that somebody wrote with care and left in the source.
  Line 496 of a long explanation that somebody wrote with care and left in the source.
  Line 497 of a long explanation that somebody wrote with care and left in the source.
  Line 498 of a long explanation that somebody wrote with care and left in the source.
  Line 499 of a long explanation that somebody wrote with care and left in the source.
  Line 500 of a long explanation that somebody wrote with care and left in the source.
  Line 501 of a long explanation that somebody wrote with care and left in the source.
  Line 502 of a long explanation that somebody wrote with care and left in the source.
  Line 503 of a long explanation that somebody wrote with care and left in the source.
  Line 504 of a long explanation that somebody wrote with care and left in the source.
  Line 505 of a long explanation that somebody wrote with care and left in the source.
  Line 506 of a long explanation that somebody wrote with care and left in the source.
  Line 507 of a long explanation that somebody wrote with care and left in the source.
  Line 508 of a long explanation that somebody wrote with care and left in the source.
  Line 509 of a long explanation that somebody wrote with care and left in the source.
  Line 510 of a long explanation that somebody wrote with care and left in the source.
  Line 511 of a long explanation that somebody wrote with care and left in the source.
  Line 512 of a long explanation that somebody wrote with care and left in the source.
  Line 513 of a long explanation that somebody wrote with care and left in the source.
  Line 514 of a long explanation that somebody wrote with care and left in the source.
  Line 515 of a long explanation that somebody wrote with care and left in the source.
  Line 516 of a long explanation that somebody wrote with care and left in the source.
  Line 517 of a long explanation that somebody wrote with care and left in the source.
  Line 518 of a long explanation that somebody wrote with care and left in the source.
  Line 519 of a long explanation that somebody wrote with care and left in the source.
  Line 520 of a long explanation that somebody wrote with care and left in the source.
  Line 521 of a long explanation that somebody wrote with care and left in the source.
  Line 522 of a long explanation that somebody wrote with care and left in the source.
  Line 523 of a long explanation that somebody wrote with care and left in the source.
  Line 524 of a long explanation that somebody wrote with care and left in the source.
  Line 525 of a long explanation that somebody wrote with care and left in the source.
  Line 526 of a long explanation that somebody wrote with care and left in the source.
  Line 527 of a long explanation that somebody wrote with care and left in the source.
  Line 528 of a long explanation that somebody wrote with care and left in the source.
  Line 529 of a long explanation that somebody wrote with care and left in the source.
  Line 530 of a long explanation that somebody wrote with care and left in the source.
  Line 531 of a long explanation that somebody wrote with care and left in the source.
  Line 532 of a long explanation that somebody wrote with care and left in the source.
  Line 533 of a long explanation that somebody wrote with care and left in the source.
  Line 534 of a long explanation that somebody wrote with care and left in the source.
  Line 535 of a long explanation that somebody wrote with care and left in the source.
  Line 536 of a long explanation that somebody wrote with care and left in the source.
  Line 537 of a long explanation that somebody wrote with care and left in the source.
  Line 538 of a long explanation that somebody wrote with care and left in the source.
  Line 539 of a long explanation that somebody wrote with care and left in the source.
  Line 540 of a long explanation that somebody wrote with care and left in the source.
  Line 541 of a long explanation that somebody wrote with care and left in the source.
  Line 542 of a long explanation that somebody wrote with care and left in the source.
  Line 543 of a long explanation that somebody wrote with care and left in the source.
  Line 544 of a long explanation that somebody wrote with care and left in the source.
  Line 545 of a long explanation that somebody wrote with care and left in the source.
  Line 546 of a long explanation that somebody wrote with care and left in the source.
  Line 547 of a long explanation that somebody wrote with care and left in the source.
  Line 548 of a long explanation that somebody wrote with care and left in the source.
  Line 549 of a long explanation that somebody wrote with care and left in the source.
  Line 550 of a long explanation that somebody wrote with care and left in the source.
  Line 551 of a long explanation that somebody wrote with care and left in the source.
  Line 552 of a long explanation that somebody wrote with care and left in the source.
  Line 553 of a long explanation that somebody wrote with care and left in the source.
  Line 554 of a long explanation that somebody wrote with care and left in the source.
  Line 555 of a long explanation that somebody wrote with care and left in the source.
  Line 556 of a long explanation that somebody wrote with care and left in the source.
  Line 557 of a long explanation that somebody wrote with care and left in the source.
  Line 558 of a long explanation that somebody wrote with care and left in the source.
  Line 559 of a long explanation that somebody wrote with care and left in the source.
  """
  def helper_0(x), do: x + 0
  def helper_1(x), do: x + 1
  def helper_2(x), do: x + 2
  def helper_3(x), do: x + 3
  def helper_4(x), do: x + 4
  def helper_5(x), do: x + 5
  def helper_6(x), do: x + 6
  def helper_7(x), do: x + 7
  def helper_8(x), do: x + 8
  def helper_9(x), do: x + 9
  def helper_10(x), do: x + 10
  def helper_11(x), do: x + 11
  def helper_12(x), do: x + 12
  def helper_13(x), do: x + 13
  def helper_14(x), do: x + 14
  def helper_15(x), do: x + 15
  def helper_16(x), do: x + 16
  def helper_17(x), do: x + 17
  def helper_18(x), do: x + 18
  def helper_19(x), do: x + 19
  def helper_20(x), do: x + 20
  def helper_21(x), do: x + 21
  def helper_22(x), do: x + 22
  def helper_23(x), do: x + 23
  def helper_24(x), do: x + 24
  def helper_25(x), do: x + 25
  def helper_26(x), do: x + 26
  def helper_27(x), do: x + 27
  def helper_28(x), do: x + 28
  def helper_29(x), do: x + 29
  def helper_30(x), do: x + 30
  def helper_31(x), do: x + 31
  def helper_32(x), do: x + 32
  def helper_33(x), do: x + 33
  def helper_34(x), do: x + 34
  def helper_35(x), do: x + 35
  def helper_36(x), do: x + 36
  def helper_37(x), do: x + 37
  def helper_38(x), do: x + 38
  def helper_39(x), do: x + 39
  def helper_40(x), do: x + 40
  def helper_41(x), do: x + 41
  def helper_42(x), do: x + 42
  def helper_43(x), do: x + 43
  def helper_44(x), do: x + 44
  def helper_45(x), do: x + 45
  def helper_46(x), do: x + 46
  def helper_47(x), do: x + 47
  def helper_48(x), do: x + 48
  def helper_49(x), do: x + 49
  def helper_50(x), do: x + 50
  def helper_51(x), do: x + 51
  def helper_52(x), do: x + 52
  def helper_53(x), do: x + 53
  def helper_54(x), do: x + 54
  def helper_55(x), do: x + 55
  def helper_56(x), do: x + 56
  def helper_57(x), do: x + 57
  def helper_58(x), do: x + 58
  def helper_59(x), do: x + 59
  def helper_60(x), do: x + 60
  def helper_61(x), do: x + 61
  def helper_62(x), do: x + 62
  def helper_63(x), do: x + 63
  def helper_64(x), do: x + 64
  def helper_65(x), do: x + 65
  def helper_66(x), do: x + 66
  def helper_67(x), do: x + 67
  def helper_68(x), do: x + 68
  def helper_69(x), do: x + 69
  def helper_70(x), do: x + 70
  def helper_71(x), do: x + 71
  def helper_72(x), do: x + 72
  def helper_73(x), do: x + 73
  def helper_74(x), do: x + 74
  def helper_75(x), do: x + 75
  def helper_76(x), do: x + 76
  def helper_77(x), do: x + 77
  def helper_78(x), do: x + 78
  def helper_79(x), do: x + 79
  def helper_80(x), do: x + 80
  def helper_81(x), do: x + 81
  def helper_82(x), do: x + 82
  def helper_83(x), do: x + 83
  def helper_84(x), do: x + 84
  def helper_85(x), do: x + 85
  def helper_86(x), do: x + 86
  def helper_87(x), do: x + 87
  def helper_88(x), do: x + 88
  def helper_89(x), do: x + 89
  def helper_90(x), do: x + 90
  def helper_91(x), do: x + 91
  def helper_92(x), do: x + 92
  def helper_93(x), do: x + 93
  def helper_94(x), do: x + 94
  def helper_95(x), do: x + 95
  def helper_96(x), do: x + 96
  def helper_97(x), do: x + 97
  def helper_98(x), do: x + 98
  def helper_99(x), do: x + 99
  def helper_100(x), do: x + 100
  def helper_101(x), do: x + 101
  def helper_102(x), do: x + 102
  def helper_103(x), do: x + 103
  def helper_104(x), do: x + 104
  def helper_105(x), do: x + 105
  def helper_106(x), do: x + 106
  def helper_107(x), do: x + 107
  def helper_108(x), do: x + 108
  def helper_109(x), do: x + 109
  def helper_110(x), do: x + 110
  def helper_111(x), do: x + 111
  def helper_112(x), do: x + 112
  def helper_113(x), do: x + 113
  def helper_114(x), do: x + 114
  def helper_115(x), do: x + 115
  def helper_116(x), do: x + 116
  def helper_117(x), do: x + 117
  def helper_118(x), do: x + 118
  def helper_119(x), do: x + 119
  def helper_120(x), do: x + 120
  def helper_121(x), do: x + 121
  def helper_122(x), do: x + 122
  def helper_123(x), do: x + 123
  def helper_124(x), do: x + 124
  def helper_125(x), do: x + 125
  def helper_126(x), do: x + 126
  def helper_127(x), do: x + 127
  def helper_128(x), do: x + 128
  def helper_129(x), do: x + 129
  def helper_130(x), do: x + 130
  def helper_131(x), do: x + 131
  def helper_132(x), do: x + 132
  def helper_133(x), do: x + 133
  def helper_134(x), do: x + 134
  def helper_135(x), do: x + 135
  def helper_136(x), do: x + 136
  def helper_137(x), do: x + 137
  def helper_138(x), do: x + 138
  def helper_139(x), do: x + 139
  def helper_140(x), do: x + 140
  def helper_141(x), do: x + 141
  def helper_142(x), do: x + 142
  def helper_143(x), do: x + 143
  def helper_144(x), do: x + 144
  def helper_145(x), do: x + 145
  def helper_146(x), do: x + 146
  def helper_147(x), do: x + 147
  def helper_148(x), do: x + 148
  def helper_149(x), do: x + 149
  def helper_150(x), do: x + 150
  def helper_151(x), do: x + 151
  def helper_152(x), do: x + 152
  def helper_153(x), do: x + 153
  def helper_154(x), do: x + 154
  def helper_155(x), do: x + 155
  def helper_156(x), do: x + 156
  def helper_157(x), do: x + 157
  def helper_158(x), do: x + 158
  def helper_159(x), do: x + 159
  def helper_160(x), do: x + 160
  def helper_161(x), do: x + 161
  def helper_162(x), do: x + 162
  def helper_163(x), do: x + 163
  def helper_164(x), do: x + 164
  def helper_165(x), do: x + 165
  def helper_166(x), do: x + 166
  def helper_167(x), do: x + 167
  def helper_168(x), do: x + 168
  def helper_169(x), do: x + 169
  def helper_170(x), do: x + 170
  def helper_171(x), do: x + 171
  def helper_172(x), do: x + 172
  def helper_173(x), do: x + 173
  def helper_174(x), do: x + 174
  def helper_175(x), do: x + 175
  def helper_176(x), do: x + 176
  def helper_177(x), do: x + 177
  def helper_178(x), do: x + 178
  def helper_179(x), do: x + 179
  def helper_180(x), do: x + 180
  def helper_181(x), do: x + 181
  def helper_182(x), do: x + 182
  def helper_183(x), do: x + 183
  def helper_184(x), do: x + 184
  def helper_185(x), do: x + 185
  def helper_186(x), do: x + 186
  def helper_187(x), do: x + 187
  def helper_188(x), do: x + 188
  def helper_189(x), do: x + 189
  def helper_190(x), do: x + 190
  def helper_191(x), do: x + 191
  def helper_192(x), do: x + 192
  def helper_193(x), do: x + 193
  def helper_194(x), do: x + 194
  def helper_195(x), do: x + 195
  def helper_196(x), do: x + 196
  def helper_197(x), do: x + 197
  def helper_198(x), do: x + 198
  def helper_199(x), do: x + 199
  def helper_200(x), do: x + 200
  def helper_201(x), do: x + 201
  def helper_202(x), do: x + 202
  def helper_203(x), do: x + 203
  def helper_204(x), do: x + 204
  def helper_205(x), do: x + 205
  def helper_206(x), do: x + 206
  def helper_207(x), do: x + 207
  def helper_208(x), do: x + 208
  def helper_209(x), do: x + 209
  def helper_210(x), do: x + 210
  def helper_211(x), do: x + 211
  def helper_212(x), do: x + 212
  def helper_213(x), do: x + 213
  def helper_214(x), do: x + 214
  def helper_215(x), do: x + 215
  def helper_216(x), do: x + 216
  def helper_217(x), do: x + 217
  def helper_218(x), do: x + 218
  def helper_219(x), do: x + 219
  def helper_220(x), do: x + 220
  def helper_221(x), do: x + 221
  def helper_222(x), do: x + 222
  def helper_223(x), do: x + 223
  def helper_224(x), do: x + 224
  def helper_225(x), do: x + 225
  def helper_226(x), do: x + 226
  def helper_227(x), do: x + 227
  def helper_228(x), do: x + 228
  def helper_229(x), do: x + 229
  def helper_230(x), do: x + 230
  def helper_231(x), do: x + 231
  def helper_232(x), do: x + 232
  def helper_233(x), do: x + 233
  def helper_234(x), do: x + 234
  def helper_235(x), do: x + 235
  def helper_236(x), do: x + 236
  def helper_237(x), do: x + 237
  def helper_238(x), do: x + 238
  def helper_239(x), do: x + 239
  def helper_240(x), do: x + 240
  def helper_241(x), do: x + 241
  def helper_242(x), do: x + 242
  def helper_243(x), do: x + 243
  def helper_244(x), do: x + 244
  def helper_245(x), do: x + 245
  def helper_246(x), do: x + 246
  def helper_247(x), do: x + 247
  def helper_248(x), do: x + 248
  def helper_249(x), do: x + 249
  def helper_250(x), do: x + 250
  def helper_251(x), do: x + 251
  def helper_252(x), do: x + 252
  def helper_253(x), do: x + 253
  def helper_254(x), do: x + 254
  def helper_255(x), do: x + 255
  def helper_256(x), do: x + 256
  def helper_257(x), do: x + 257
  def helper_258(x), do: x + 258
  def helper_259(x), do: x + 259
  def helper_260(x), do: x + 260
  def helper_261(x), do: x + 261
  def helper_262(x), do: x + 262
  def helper_263(x), do: x + 263
  def helper_264(x), do: x + 264
  def helper_265(x), do: x + 265
  def helper_266(x), do: x + 266
  def helper_267(x), do: x + 267
  def helper_268(x), do: x + 268
  def helper_269(x), do: x + 269
  def helper_270(x), do: x + 270
  def helper_271(x), do: x + 271
  def helper_272(x), do: x + 272
  def helper_273(x), do: x + 273
  def helper_274(x), do: x + 274
  def helper_275(x), do: x + 275
  def helper_276(x), do: x + 276
  def helper_277(x), do: x + 277
  def helper_278(x), do: x + 278
  def helper_279(x), do: x + 279
  def helper_280(x), do: x + 280
  def helper_281(x), do: x + 281
  def helper_282(x), do: x + 282
  def helper_283(x), do: x + 283
  def helper_284(x), do: x + 284
  def helper_285(x), do: x + 285
  def helper_286(x), do: x + 286
  def helper_287(x), do: x + 287
  def helper_288(x), do: x + 288
  def helper_289(x), do: x + 289
  def helper_290(x), do: x + 290
  def helper_291(x), do: x + 291
  def helper_292(x), do: x + 292
  def helper_293(x), do: x + 293
  def helper_294(x), do: x + 294
  def helper_295(x), do: x + 295
  def helper_296(x), do: x + 296
  def helper_297(x), do: x + 297
  def helper_298(x), do: x + 298
  def helper_299(x), do: x + 299
  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
