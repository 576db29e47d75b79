import { IsText } from '@latchkey/platform/http';

/** Body of `POST /resources` and `PUT /resources/:id`. */
export class ResourceRequest {
  @IsText({ min: 1, max: 200 })
  name!: string;

  @IsText({ min: 0, max: 50_000 })
  content!: string;
}
